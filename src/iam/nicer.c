/*
 * Requests that people know.  A shortest word such as s3:x proves as much as s3:GetObject but says less; the table is
 * only ever used to replace words of a witness that was found without it, and each replacement is checked again.
 */
#include "iam/catalogue.h"
#include "iam/iam_priv.h"

#include <string.h>

/* Ordered: what hurts most comes first. */
static const struct {
	const char *action, *resource;
} known[] = {
	{"iam:PassRole", "arn:aws:iam::111122223333:role/Admin"},
	{"iam:PutRolePolicy", "arn:aws:iam::111122223333:role/Admin"},
	{"iam:CreateAccessKey", "arn:aws:iam::111122223333:user/admin"},
	{"sts:AssumeRole", "arn:aws:iam::111122223333:role/Admin"},
	{"secretsmanager:GetSecretValue", "arn:aws:secretsmanager:us-east-1:111122223333:secret:db-AbCdEf"},
	{"ssm:GetParameter", "arn:aws:ssm:us-east-1:111122223333:parameter/db"},
	{"kms:Decrypt", "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"},
	{"s3:GetObject", "arn:aws:s3:::any-bucket/any-key"},
	{"s3:PutObject", "arn:aws:s3:::any-bucket/any-key"},
	{"s3:ListBucket", "arn:aws:s3:::any-bucket"},
	{"dynamodb:GetItem", "arn:aws:dynamodb:us-east-1:111122223333:table/any"},
	{"dynamodb:PutItem", "arn:aws:dynamodb:us-east-1:111122223333:table/any"},
	{"lambda:InvokeFunction", "arn:aws:lambda:us-east-1:111122223333:function:any"},
	{"lambda:UpdateFunctionCode", "arn:aws:lambda:us-east-1:111122223333:function:any"},
	{"sqs:SendMessage", "arn:aws:sqs:us-east-1:111122223333:any"},
	{"sns:Publish", "arn:aws:sns:us-east-1:111122223333:any"},
	{"events:PutEvents", "arn:aws:events:us-east-1:111122223333:event-bus/default"},
	{"ec2:RunInstances", "arn:aws:ec2:us-east-1:111122223333:instance/i-0"},
	{"ec2:CreateNetworkInterface", "arn:aws:ec2:us-east-1:111122223333:network-interface/any"},
	{"logs:CreateLogGroup", "arn:aws:logs:us-east-1:111122223333:log-group:any"},
	{"logs:PutLogEvents", "arn:aws:logs:us-east-1:111122223333:log-group:any:log-stream:any"},
	{"logs:GetLogEvents", "arn:aws:logs:us-east-1:111122223333:log-group:any:log-stream:any"},
	{"logs:FilterLogEvents", "arn:aws:logs:us-east-1:111122223333:log-group:any"},
	{"xray:PutTraceSegments", "*"},
	{"bedrock:InvokeModel", "arn:aws:bedrock:us-east-1::foundation-model/any"},
	{"cloudformation:UpdateStack", "arn:aws:cloudformation:us-east-1:111122223333:stack/any/any"},
};

/* The action in lower case, as globs of actions are compiled. */
struct iam_raw iam_action_word(struct iam *i, const char *s)
{
	struct iam_raw r = iam_raw_str(i, s);
	iam_tok *t = SG_NEW_ARRAY(i->a, r.n, iam_tok);
	for (size_t k = 0; k < r.n; k++)
		t[k] = r.t[k] >= 'A' && r.t[k] <= 'Z' ? r.t[k] + 32 : r.t[k];
	return (struct iam_raw){t, r.n};
}

static bool try_words(const struct iam_problem *p, const struct iam_cstmt *allow, struct iam_request *w,
		      struct iam_raw action, struct iam_raw resource)
{
	struct iam_request rq = *w;
	rq.action = action;
	rq.resource = resource;
	if (iam_point_stmt(allow, &rq) != IAM_YES || !iam_is_witness(p, &rq))
		return false;
	*w = rq;
	return true;
}

/* Is the word one that the policy spells out? */
static bool spelt_out(const struct iam_cstmt *allow, struct iam_raw word)
{
	for (size_t k = 0; !allow->actions.negated && k < allow->actions.n; k++)
		if (iam_raw_eq((struct iam_raw){allow->actions.v[k].t, allow->actions.v[k].n}, word))
			return true;
	return false;
}

/* Can an action of the service match? */
static bool may_be_of(const struct iam_cstmt *allow, const char *service)
{
	size_t n = strlen(service);
	for (size_t k = 0; !allow->actions.negated && k < allow->actions.n; k++) {
		struct iam_pat p = allow->actions.v[k];
		size_t j = 0;
		while (j < p.n && j < n && p.t[j] == (iam_tok)(unsigned char)service[j])
			j++;
		if (j < p.n &&
		    (j == n ? p.t[j] == ':' || iam_is_star(p.t[j]) : iam_is_star(p.t[j]) || iam_is_any(p.t[j])))
			return true;
	}
	return allow->actions.negated;
}

enum { MAX_TRIES = 6000 };

/* An action of today: what changes permissions rather than what writes, that rather than what reads. */
static bool try_catalogue(const struct iam_problem *p, const struct iam_cstmt *allow, struct iam_request *w,
			  char access, size_t *tries)
{
	for (size_t s = 0; s < iam_services_count && *tries < MAX_TRIES; s++) {
		struct iam_known one;
		if (!may_be_of(allow, iam_services[s].name))
			continue;
		for (const char *at = NULL; iam_service_next(&iam_services[s], &at, &one) && *tries < MAX_TRIES;) {
			struct sg_str name = sg_strf(p->i->a, "%s:%.*s", one.service->name, SG_FMT(one.action));
			if (one.access != access)
				continue;
			struct iam_raw action = iam_action_word(p->i, sg_cstr(p->i->a, name));
			(*tries)++;
			if (try_words(p, allow, w, action, w->resource) ||
			    try_words(p, allow, w, action,
				      iam_raw_str(p->i, sg_cstr(p->i->a, iam_known_arn(p->i->a, &one)))))
				return true;
		}
	}
	return false;
}

void iam_nicer(const struct iam_problem *p, const struct iam_cstmt *allow, struct iam_request *w)
{
	size_t tries = 0;
	bool spelt = spelt_out(allow, w->action);
	for (size_t k = 0; k < sizeof(known) / sizeof(*known); k++) {
		struct iam_raw action = iam_action_word(p->i, known[k].action);
		if (spelt && !iam_raw_eq(action, w->action))
			continue;
		if (try_words(p, allow, w, action, iam_raw_str(p->i, known[k].resource)) ||
		    try_words(p, allow, w, action, w->resource))
			return;
	}
	for (const char *access = "pwrlt"; !spelt && *access; access++)
		if (try_catalogue(p, allow, w, *access, &tries))
			return;
}

/* As the catalogue spells it. */
static bool spell(const struct iam *i, struct sg_str text, struct sg_str *out)
{
	struct iam_known one;
	size_t colon = sg_str_find(text, ":", 0);
	if (colon == SIZE_MAX ||
	    !iam_action_find(sg_str_sub(text, 0, colon), sg_str_sub(text, colon + 1, text.n), &one))
		return false;
	*out = sg_strf(i->a, "%s:%.*s", one.service->name, SG_FMT(one.action));
	return true;
}

/* The action as AWS writes it: as in the table or in the policy where they have it. */
struct sg_str iam_action_show(const struct iam *i, struct iam_raw action, const struct iam_stmt *s)
{
	struct sg_str text = iam_raw_show(i, action);
	const char *lower = sg_cstr(i->a, text);
	for (size_t k = 0; k < sizeof(known) / sizeof(*known); k++)
		if (sg_str_is_nocase(sg_str(known[k].action), lower))
			return sg_str(known[k].action);
	for (size_t k = 0; s && k < s->actions.n; k++) {
		struct sg_str written = iam_raw_show(i, s->actions.v[k].raw);
		if (!s->actions.v[k].unknown && sg_str_is_nocase(written, lower))
			return written;
	}
	spell(i, text, &text);
	return text;
}
