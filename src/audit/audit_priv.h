/* What the files of audit/ share. */
#ifndef SG_AUDIT_PRIV_H
#define SG_AUDIT_PRIV_H

#include "audit/audit.h"
#include "net/net.h"

/* One rule being decided for one function. */
struct check {
	const struct sg_model *m;
	const struct sg_audit_options *o;
	const struct sg_resource *fn;
	sg_guard in; /* the worlds that are judged */
	bool ours;   /* our executor is expected to run */
	bool pack;   /* a rule of a pack is being run, over `fn`, which need be no function */
	const char *rule;
	struct audit_rules *rules;
	const struct subjects *subjects; /* of the rules */
};

/* A row of a family's table.  Where policies/ has a rule of that name, it is run, too; a rule about which nothing is said
 * is proved for all worlds of `in`. */
struct check_row {
	const char *rule;
	void (*run)(struct check *k); /* NULL: the rule is all */
};

extern const struct check_row audit_fun[], audit_lim[], audit_out[], audit_log[]; /* each ends with {NULL} */

/* rules.c: the rules that are compiled in, parsed (an error in them is a bug), and those that take their place. */
struct audit_rules *audit_rules_new(struct sg_arena *a, struct sg_diags *d, const struct sg_audit_options *o);
void audit_rules_free(struct audit_rules *rules);
/* Runs the rule k->rule of policies/, if there is one, over k->subjects. */
void audit_run_rule(struct check *k);

/* A finding of k->rule at a property (dotted, may be NULL) of `at`; `val` says where to point and, for an unproven one,
 * what would settle it.  May be NULL. */
struct sg_finding *audit_say(struct check *k, enum sg_verdict status, const struct sg_resource *at, const char *dotted,
			     sg_guard guard, const struct sg_val *val, const char *fmt, ...) SG_PRINTF(7, 8);
void audit_settle(struct check *k, struct sg_finding *f, const char *text);
bool audit_absent(const struct sg_val *v); /* ABSENT or null */
struct sg_str audit_describe(struct check *k, const struct sg_val *v);
/* The text of a string without symbols; false for anything else. */
bool audit_text(struct check *k, const struct sg_val *v, struct sg_str *text);
struct sg_alts audit_prop(struct check *k, const char *dotted); /* of the function */

/* mention.c: where the properties of `r` mention the function, by a reference or by its name spelled out; NULL: nowhere.
 * The node belongs to the template. */
const struct sg_node *audit_mention(struct check *k, const struct sg_resource *r);

/* target.c: a value, where a resource takes a function to call, that is the function or may be. */
struct audit_target {
	const struct sg_node *at;
	struct sg_val val;
	sg_guard in;
	bool later; /* what it is, is found out when the resource runs */
};
/* The first of them in `r`; false: there is none. */
bool audit_target(struct check *k, const struct sg_resource *r, struct audit_target *out);

/* who.c: does a value name this function: by Ref, ARN, name, or through an alias or version of it? */
enum sg_same audit_names_function(struct check *k, const struct sg_val *v, sg_guard in);
/* Calls `found` for each resource of `type` whose `property` names (or may name) the function. */
void audit_each_attached(struct check *k, const char *type, const char *property,
			 void (*found)(struct check *k, const struct sg_resource *r, sg_guard in, bool maybe));

/* in.c, env.c: checks with a file of their own */
void audit_check_invokers(struct check *k);
void audit_check_secrets(struct check *k);

/* tpl.c */
/* Sections of the template and attributes of resources that nobody knows, among them transforms and connectors that are
 * not expanded. */
void audit_known_parts(struct sg_findings *f, const struct sg_node *root);
/* The same of SAM's resources before they were expanded. */
void audit_known_serverless(struct sg_findings *f, const struct sg_node *raw);
/* SAM's resources without SAM's transform: what would be deployed is not what is judged. */
void audit_transform(struct sg_findings *f, const struct sg_node *root);
/* `included` is the tree with its includes followed: what came from other files is looked at there. */
void audit_readers(struct sg_findings *f, const struct sg_node *root, const struct sg_node *included,
		   const struct sg_audit_options *o);

/* log.c: the worlds in which `v`, a log group's name or ARN, certainly is the function's group, or may be. */
enum sg_same audit_is_own_group(struct check *k, const struct sg_val *v, sg_guard in);
/* Calls `found` for each log group of the template that is the function's, with the worlds in which it is. */
void audit_each_group(struct check *k, void (*found)(struct check *k, const struct sg_resource *group, sg_guard in));
/* A group of its own whose name starts with /sandboxgen/ is how rendered templates name theirs. */
bool audit_group_is_rendered(struct check *k);

/* What is known of the policies of VPC endpoints while one function is judged: each is asked for many times. */
struct audit_endpoint {
	const struct sg_resource *endpoint;
	const struct sg_node *document;
	sg_guard in;
	enum sg_verdict verdict;
	struct sg_net_leak leak;
};
struct audit_endpoints {
	const struct sg_model *m;
	SG_VEC(struct audit_endpoint) known;
};
/* A sg_net_policy; `context` is a struct audit_endpoints. */
enum sg_verdict audit_endpoint_policy(void *context, const struct sg_resource *endpoint, const struct sg_alt *document,
				      struct sg_net_leak *leak);

#endif
