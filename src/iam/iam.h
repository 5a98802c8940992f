/*
 * iam/ - what a function's role allows: policy documents, the role's effective policy, containment in a reference.
 *
 * It must not know which function is a sandbox (audit/ does), nor how findings are shown.  A rule passes only when the
 * effective policy, rounded up, is contained in the reference, rounded down, over *all* requests; it fails only with a
 * request that an independent evaluator has confirmed; everything else is unproven.
 */
#ifndef SG_IAM_H
#define SG_IAM_H

#include "model/model.h"

/* What a user adds.  Trees are canonical; texts and trees must live as long as the model. */
struct sg_iam_managed {
	struct sg_str name; /* of the policy, behind the last '/' of its ARN, or its whole ARN */
	const struct sg_node *document;
};
struct sg_iam_options {
	const struct sg_node *reference; /* a policy document that roles are held to (IAM011); NULL: none */
	const struct sg_iam_managed *managed;
	size_t n_managed;
	struct sg_diags *diags; /* what is wrong with these documents is an error there; needed where there are any */
};

/* One side of "is within": what somebody of the template may do, or what a document says by itself. */
struct sg_iam_side {
	const struct sg_model *m;         /* of the holder; NULL for a document */
	const struct sg_resource *holder; /* a role, user, group or policy of m's template; NULL: the document */
	const struct sg_node *document;   /* canonical; intrinsics in it are the other side's template's */
	struct sg_str name;               /* for messages */
};

/* Is every request that `candidate` allows allowed by `reference`, in every deployment?  Yes is SG_PASS; otherwise there
 * are IAM011 findings in m->findings, with requests that break out where the answer is SG_FAIL.  `m` is the model of the
 * side that has one (the candidate's, where both have); where none has, any.  Malformed documents are errors in `d`. */
enum sg_verdict sg_iam_contains(const struct sg_model *m, struct sg_diags *d, const struct sg_iam_side *candidate,
				const struct sg_iam_side *reference, const struct sg_iam_options *options);
/* A model of no template, for documents that stand alone (canonical, or NULL): what their intrinsics name is declared as
 * parameters and resources about which nothing else is known, so that the same name is the same value on both sides of
 * a question.  Lives in `a`; NULL after an error in `d`. */
const struct sg_model *sg_iam_no_template(struct sg_arena *a, struct sg_diags *d, struct sg_findings *f,
					  const struct sg_node *const *documents, size_t n);
/* The tree of a policy document that is a string of JSON, as CloudFormation accepts it, every node of it with the string's place; `n`
 * itself where it is no such string.  Lives in `a`. */
const struct sg_node *sg_iam_document(struct sg_arena *a, const struct sg_node *n);
/* Does sg_iam_side.holder take resources of this type? */
bool sg_iam_is_holder(struct sg_str type);

/* Decides IAM001 to IAM008 and IAM010 for one judged AWS::Lambda::Function, in the worlds of `judged`: findings and
 * verdicts go to m->findings, under the function's logical id; IAM011 where `options` (may be NULL) have a reference.  Never fails; work is
 * bounded (a budget that is used up makes the rule unproven). */
void sg_iam_check(const struct sg_model *m, const struct sg_resource *function, sg_guard judged,
		  const struct sg_iam_options *options);

/* Decides IAM009, the form of every identity and trust policy of the template.  Once per template. */
void sg_iam_check_template(const struct sg_model *m);

/* A request that the policy of a VPC endpoint lets through, or may. */
struct sg_iam_leak {
	struct sg_str request; /* "s3:GetObject on *"; empty where none can be named */
	struct sg_str reason;  /* why none can */
	struct sg_span span;   /* what lets it through */
	sg_guard in;           /* worlds in which it does */
};
/* Does this policy of the VPC endpoint `at` (a map, or JSON in a string) let nothing through, whoever asks, in the worlds
 * of `document`?  SG_PASS: proved; SG_FAIL: `leak` is a request that gets through, confirmed, and needs nobody whom the
 * policy names; else SG_UNPROVEN, with what could not be ruled out.  Whether the endpoint's service heeds policies is not
 * asked.  Texts live as long as the model; no finding is made.  Never fails; work is bounded. */
enum sg_verdict sg_iam_lets_nothing(const struct sg_model *m, const struct sg_resource *at,
				    const struct sg_alt *document, struct sg_iam_leak *leak);

/* Somebody outside the account may assume a role of the template that may call a function, or let itself call it. */
struct sg_iam_way_in {
	enum sg_verdict verdict; /* SG_FAIL: certainly, in some deployment; SG_UNPROVEN: perhaps */
	const struct sg_resource *role;
	struct sg_str who;     /* the principal, shown */
	struct sg_str call;    /* "lambda:InvokeFunction" */
	struct sg_str origin;  /* "policy 'x'" */
	struct sg_span policy; /* the statement that allows the call */
	struct sg_span trust;  /* what lets the principal in */
	sg_guard in;
};
struct sg_iam_way_in_user {
	void *context;
	bool (*is_expected)(void *context, struct sg_str arn);         /* a principal that is meant to get in */
	void (*found)(void *context, const struct sg_iam_way_in *way); /* texts live until it returns */
};
/* Calls user->found for each principal outside the account, as the trust policies of the template's roles have them (also
 * one role through another), that may call `function`, or make another one of it, in the worlds of `in`.  A literal account
 * is another account; a service is none: it assumes what somebody of the account has passed to it.  Roles that trust the
 * account itself count where somebody outside gets into one that may assume others.  `options` may be NULL.  Never fails;
 * work is bounded: past 4,096 roles behind others, somebody who is not known gets in; of each
 * verdict 32 ways are told.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html */
void sg_iam_ways_in(const struct sg_model *m, const struct sg_resource *function, sg_guard in,
		    const struct sg_iam_options *options, const struct sg_iam_way_in_user *user);

/* What the permission rules do not claim, one sentence per entry, for reports and `explain`; ends with NULL. */
extern const char *const sg_iam_limits[];

#endif
