/*
 * The pipeline of an audit: canonical tree, model, checks by table, verdict.
 */
#include "audit/packs_priv.h"
#include "iam/iam.h"

#include <string.h>

/* ---------------------------------------------------------------------------------------------- saying it */

struct sg_finding *audit_say(struct check *k, enum sg_verdict status, const struct sg_resource *at, const char *dotted,
			     sg_guard guard, const struct sg_val *val, const char *fmt, ...)
{
	struct sg_buf b = {0};
	va_list ap;
	va_start(ap, fmt);
	sg_buf_vaddf(&b, fmt, ap);
	va_end(ap);
	struct sg_finding *f =
		sg_net_finding(k->m, k->rule, status, k->fn, at, dotted, guard, sg_prop_span(at, val), "%s", b.p);
	sg_buf_free(&b);
	if (f->status == SG_UNPROVEN && val && !f->settle.n)
		sg_net_settle(k->m, f, val);
	return f;
}

void audit_settle(struct check *k, struct sg_finding *f, const char *text)
{
	sg_finding_settle(k->m->findings, f, "%s", text);
}

bool audit_absent(const struct sg_val *v)
{
	return v->kind == SG_V_ABSENT || v->kind == SG_V_NULL;
}

struct sg_str audit_describe(struct check *k, const struct sg_val *v)
{
	return sg_val_describe(k->m->arena, v);
}

bool audit_text(struct check *k, const struct sg_val *v, struct sg_str *text)
{
	return v->kind == SG_V_STRING && sg_val_text(k->m->arena, v, text);
}

struct sg_alts audit_prop(struct check *k, const char *dotted)
{
	return sg_net_prop(k->m, k->fn, dotted, k->in);
}

/* ---------------------------------------------------------------------------------------------- which functions */

static const struct sg_node *role_of(const struct sg_resource *r)
{
	return sg_node_get(sg_node_get(sg_node_get(r->node, "Metadata"), "Sandboxgen"), "Role");
}

static bool named(const struct sg_audit_options *o, struct sg_str id)
{
	for (size_t i = 0; i < o->n_functions; i++)
		if (sg_str_eq(o->functions[i], id))
			return true;
	return false;
}

static bool judged(struct sg_findings *f, const struct sg_audit_options *o, const struct sg_resource *r)
{
	const struct sg_node *role = role_of(r);
	if (o->n_functions)
		return named(o, r->id);
	if (o->no_inline || !role || !sg_node_is(role, "other"))
		return true;
	SG_PUSH(f->arena, &f->not_judged, r->id);
	return false;
}

static bool check_names(const struct sg_model *m, struct sg_diags *d, const struct sg_audit_options *o)
{
	bool ok = true;
	for (size_t i = 0; i < o->n_functions; i++) {
		const struct sg_resource *r = sg_model_find(m, o->functions[i]);
		if (r && sg_str_is(r->type, "AWS::Lambda::Function"))
			continue;
		ok = false;
		sg_diag_file(d, SG_ERROR, sg_source_path(sg_diags_sources(d), m->raw->span.source),
			     "name the logical id of a function", "no function '%.*s' in this template",
			     SG_FMT(o->functions[i]));
	}
	return ok;
}

/* Does the template itself say that our executor runs: by the wrapper, by its role, or by the log group's name, so that
 * no single edit takes every sign away. */
static bool audit_ours(struct check *k)
{
	const struct sg_node *role = role_of(k->fn);
	if (k->o->bounds.executor || (role && sg_node_is(role, "executor")))
		return true;
	struct sg_alts wrapper = audit_prop(k, "Environment.Variables.AWS_LAMBDA_EXEC_WRAPPER");
	for (size_t i = 0; i < wrapper.n; i++)
		if (sg_val_is(&wrapper.v[i].val, "/var/task/bootstrap"))
			return true;
	return audit_group_is_rendered(k);
}

/* ---------------------------------------------------------------------------------------------- running */

static void run_table(struct check *k, const struct check_row *rows)
{
	for (; rows->rule; rows++) {
		k->rule = rows->rule;
		if (rows->run)
			rows->run(k);
		audit_run_rule(k);
		/* worse findings stand */
		sg_judge(k->m->findings, rows->rule, k->fn->id, SG_PASS);
	}
}

static void judge_function(const struct sg_model *m, const struct sg_audit_options *o, struct audit_rules *rules,
			   const struct sg_resource *fn)
{
	static const struct check_row *const families[] = {audit_fun, audit_lim, audit_out, audit_log};
	struct check k = {.m = m, .o = o, .fn = fn, .in = fn->exists, .rules = rules};
	struct audit_endpoints endpoints = {.m = m};
	sg_net_check(m, fn, k.in, &(struct sg_net_outside){o->facts, audit_endpoint_policy, &endpoints});
	sg_iam_check(m, fn, k.in, &o->iam);
	k.ours = audit_ours(&k);
	k.subjects = audit_subjects(&k);
	for (size_t i = 0; i < sizeof(families) / sizeof(*families); i++)
		run_table(&k, families[i]);
	audit_publish(&k);
}

/* CloudFormation takes 500 resources in a template; every function is held against every one of them. */
enum { MAX_RESOURCES = 2000, MAX_PAIRS = 250000 };

static bool too_large(const struct sg_model *m, struct sg_findings *f, const struct sg_resource *r, size_t n)
{
	if (m->n <= MAX_RESOURCES && (n + 1) * m->n <= MAX_PAIRS)
		return false;
	struct sg_finding *large = sg_finding_add(
		f, "TPL003", SG_UNPROVEN, sg_node_span(r->key), SG_LIT(""),
		"%.*s and what follows is not judged: %zu resources and more functions than are analysed",
		SG_FMT(r->id), m->n);
	sg_finding_settle(f, large, "a template for each sandbox, or --function, would settle it");
	return true;
}

static void judge_functions(const struct sg_model *m, struct sg_findings *f, const struct sg_audit_options *o,
			    struct audit_rules *rules)
{
	size_t n = 0;
	const struct sg_resource *r;
	for (size_t i = 0; (r = sg_model_next(m, "AWS::Lambda::Function", &i));) {
		if (!judged(f, o, r)) {
			audit_publish_none(o, m, r);
			continue;
		}
		if (too_large(m, f, r, n))
			break;
		judge_function(m, o, rules, r);
		n++;
	}
	if (n)
		return;
	struct sg_finding *none =
		sg_finding_add(f, "TPL004", SG_UNPROVEN, m->raw->n ? m->raw->members[0].key->span : m->raw->span,
			       SG_LIT(""), "no function of this template is judged: nothing is proved");
	sg_finding_settle(f, none, "name the sandbox with --function, or take Role: other from its metadata");
}

/* Of one rule, or (NULL) of all. */
static enum sg_verdict worst_of(const struct sg_findings *f, const char *rule)
{
	enum sg_verdict worst = SG_PASS;
	for (size_t i = 0; i < f->list.n; i++)
		if (f->list.v[i]->status > worst && (!rule || !strcmp(f->list.v[i]->rule->id, rule)))
			worst = f->list.v[i]->status;
	return worst;
}

static void judge_template(const struct sg_model *m, struct sg_findings *f, const struct sg_node *root,
			   const struct sg_audit_options *options, struct audit_rules *rules)
{
	static const char *const whole[] = {"TPL001", "TPL002", "TPL003", "TPL004", "TPL005"};
	audit_known_parts(f, m->expanded);
	audit_known_serverless(f, m->raw);
	audit_transform(f, m->raw);
	audit_readers(f, root, m->expanded, options);
	if (!options->no_inline)
		sg_judge(f, "TPL006", SG_LIT(""), SG_PASS); /* worse findings stand */
	judge_functions(m, f, options, rules);
	sg_iam_check_template(m);
	for (size_t i = 0; i < sizeof(whole) / sizeof(*whole); i++)
		sg_judge(f, whole[i], SG_LIT(""), worst_of(f, whole[i]));
}

enum sg_verdict sg_audit_template(struct sg_arena *a, struct sg_diags *d, struct sg_findings *f,
				  const struct sg_node *root, const struct sg_audit_options *options)
{
	const struct sg_cfn_options cfn = {options->overrides, options->n_overrides, options->load,
					   options->load_context};
	struct sg_audit_options with_diags = *options;
	with_diags.iam.diags = d;
	options = &with_diags;
	const struct sg_node *canonical = sg_cfn_canonical(a, d, root);
	const struct sg_model *m = canonical ? sg_model_new(a, d, f, canonical, &cfn) : NULL;
	if (!m || !check_names(m, d, options))
		return SG_FAIL;
	struct sg_suppressions *given = options->suppressions;
	if (!options->no_inline)
		sg_suppressions_template(given ? given : sg_suppressions_new(a), f, m->raw);
	sg_suppressions_of_others(f, m->raw);
	struct audit_rules *rules = audit_rules_new(a, d, options);
	struct check packs = {.m = m, .o = options, .rules = rules};
	if (!options->packs_only)
		judge_template(m, f, root, options, rules);
	audit_packs(&packs);
	audit_rules_free(rules);
	sg_findings_sort(f);
	return worst_of(f, NULL);
}
