/*
 * The declarative checks: rules of policies/ in the Guard language, run in strict mode over a function and over what is
 * attached to it, in every world.  A rule is run once for each way in which the values that it looks at can come out:
 * where a value has several, the first is taken and the worlds of the others are put aside.
 */
#include "audit/rules_priv.h"

#include <string.h>

extern const struct sg_embedded sg_embedded_rules[];

enum { SCRATCH = 16 * 1024 }; /* bytes */
enum { MAX_WORLDS = 4096 };   /* ways in which one rule's values come out for one resource */
enum { MAX_LOOKS = 200000 };  /* evaluations of one audit, and places that they speak of */

/* ---------------------------------------------------------------------------------------------- which rules */

static const struct audit_rule *rule_of(struct check *k)
{
	return sg_map_get(k->rules->by_id, sg_str(k->rule));
}

static void add_rules(struct audit_rules *rules, const struct sg_guard *g, bool own)
{
	for (size_t i = 0; i < sg_guard_rules(g); i++) {
		struct audit_rule *rule = SG_NEW(rules->arena, struct audit_rule);
		*rule = (struct audit_rule){g, i};
		if (!own || sg_map_get(rules->by_id, sg_guard_rule_name(g, i)))
			sg_map_put(rules->by_id, sg_guard_rule_name(g, i), rule);
	}
}

const struct sg_guard *audit_rules_add(struct audit_rules *rules, struct sg_diags *d, const struct sg_embedded *e)
{
	struct sg_str text = {e->data, e->size};
	struct sg_guard *g =
		sg_guard_load(rules->arena, d, sg_source_add(sg_diags_sources(d), sg_str(e->name), text), NULL);
	if (!g)
		SG_BUG("a rule file that is compiled in cannot be read");
	SG_PUSH(rules->arena, &rules->files, g);
	add_rules(rules, g, false);
	return g;
}

/* Workflow files have rules that the audit of a template does not need. */
static bool is_for_templates(const struct sg_embedded *e)
{
	return strcmp(e->name, "policies/ci.guard") != 0;
}

struct audit_rules *audit_rules_new(struct sg_arena *a, struct sg_diags *d, const struct sg_audit_options *o)
{
	struct audit_rules *rules = SG_NEW(a, struct audit_rules);
	rules->arena = a;
	rules->scratch = sg_arena_new();
	rules->looks = MAX_LOOKS;
	rules->by_id = sg_map_new(a);
	for (const struct sg_embedded *e = sg_embedded_rules; e->name; e++)
		if (is_for_templates(e))
			audit_rules_add(rules, d, e);
	audit_packs_load(rules, d, o);
	for (size_t i = 0; i < o->n_rules; i++)
		add_rules(rules, o->rules[i], true);
	return rules;
}

/* A line "rule NAME" in the text. */
static bool has_rule(struct sg_str text, struct sg_str name)
{
	for (size_t at = sg_str_find(text, "\nrule ", 0); at != SIZE_MAX; at = sg_str_find(text, "\nrule ", at + 1)) {
		struct sg_str rest = sg_str_sub(text, at + 6, SIZE_MAX);
		if (sg_str_eq(sg_str_sub(rest, 0, sg_str_find(rest, " ", 0)), name))
			return true;
	}
	return false;
}

bool sg_audit_has_rule(struct sg_str name)
{
	for (const struct sg_embedded *e = sg_embedded_rules; e->name; e++)
		if (is_for_templates(e) && has_rule((struct sg_str){e->data, e->size}, name))
			return true;
	struct sg_str pack;
	for (size_t i = 0; sg_audit_pack(i, &pack); i++)
		if (sg_audit_in_pack(i, name))
			return true;
	return false;
}

void audit_rules_free(struct audit_rules *rules)
{
	for (size_t i = 0; i < rules->files.n; i++)
		sg_guard_free(rules->files.v[i]);
	sg_arena_free(rules->scratch);
}

/* Limits are rules alone. */
const struct check_row audit_lim[] = {
	{"LIM001", NULL}, {"LIM002", NULL}, {"LIM003", NULL}, {"LIM004", NULL}, {NULL, NULL}};

/* ---------------------------------------------------------------------------------------------- looking */

/* What one rule said of one place, and in which worlds. */
struct said {
	const struct sg_guard_fail *fail;
	sg_guard in;
};

struct eye {
	struct check *k;
	const struct subject *on;
	sg_guard world;           /* at hand */
	SG_VEC(sg_guard) put_off; /* still to be looked at */
	SG_VEC(struct said) said;
};

/* A local path in CodeUri: where it will be uploaded to is not known, but that it is an object in a bucket. */
static const struct sg_node *uploaded_code(struct sg_arena *a, const struct sg_val *v)
{
	const struct sg_node *n = v->kind == SG_V_UNKNOWN ? v->node : NULL;
	struct sg_mapper code = {.arena = a};
	if (!n || n->why != SG_WHY_SAM || !sg_node_get(n, "Fn::Transform"))
		return NULL;
	const struct sg_node *place =
		sg_node_scalar(a, SG_LIT("{{resolve:sandboxgen:upload}}"), SG_DOUBLE, SG_WHY_SAM, n);
	sg_mapper_put_str(&code, "S3Bucket", place);
	sg_mapper_put_str(&code, "S3Key", place);
	return sg_mapper_done(&code, SG_WHY_SAM, n);
}

/* The literal that a value is, at the place where it is written. */
static const struct sg_node *literal(struct eye *eye, const struct sg_val *v, struct sg_str text,
				     const struct sg_node *asked)
{
	if (v->node == asked && asked->kind == SG_SCALAR && sg_str_eq(asked->text, text))
		return asked;
	return sg_node_scalar(eye->k->m->arena, text, v->kind == SG_V_STRING ? SG_DOUBLE : SG_PLAIN, SG_WHY_INTRINSIC,
			      v->node ? v->node : asked);
}

static struct sg_guard_seen open_value(struct eye *eye, const struct sg_val *v, const struct sg_node *asked)
{
	struct sg_cfn *cfn = eye->k->m->cfn;
	const struct sg_symbol *s = sg_val_symbol(v);
	struct sg_val *kept = SG_NEW(eye->k->m->arena, struct sg_val);
	struct sg_guard_seen seen = {.what = SG_GUARD_OPEN, .node = v->node ? v->node : asked, .value = kept};
	*kept = *v;
	seen.present = v->kind == SG_V_STRING;
	seen.at_least = s && sg_cfn_parameter_min(cfn, s, &seen.least);
	seen.at_most = s && sg_cfn_parameter_max(cfn, s, &seen.most);
	return seen;
}

/* A text with names in it for what the deployment puts there; false where a parameter decides, which can be any text.  What
 * AWS makes (an ARN, an id, a secret) is never one of the texts that packs look for: `*`, a range of addresses; what
 * somebody put into Parameter Store as plain text may be. */
static bool made_text(struct check *k, const struct sg_val *v, struct sg_str *text)
{
	struct sg_buf b = {0};
	bool made = k->pack && v->kind == SG_V_STRING;
	for (size_t i = 0; made && i < v->n_parts; i++) {
		const struct sg_symbol *s = v->parts[i].symbol;
		made = !s || (s->kind != SG_SYM_PARAMETER && s->kind != SG_SYM_OTHER && s->kind != SG_SYM_IMPORT &&
			      !sg_str_starts(s->name, "resolve:ssm:"));
		if (!s)
			sg_buf_str(&b, v->parts[i].literal);
		else if (s->kind == SG_SYM_DYNAMIC)
			sg_buf_addf(&b, "{{%.*s}}", SG_FMT(s->name));
		else
			sg_buf_addf(&b, "${%.*s}", SG_FMT(s->name));
	}
	*text = sg_buf_take(&b, k->m->arena);
	return made;
}

static struct sg_guard_seen seen_of(struct eye *eye, const struct sg_val *v, const struct sg_node *asked)
{
	struct sg_str text;
	const struct sg_node *code = uploaded_code(eye->k->m->arena, v);
	if (code)
		return (struct sg_guard_seen){.what = SG_GUARD_LITERAL, .node = code};
	if (audit_absent(v))
		return (struct sg_guard_seen){.what = SG_GUARD_ABSENT};
	if (v->kind == SG_V_LIST || v->kind == SG_V_MAP)
		return (struct sg_guard_seen){.what = SG_GUARD_LITERAL, .node = v->node};
	if (v->kind != SG_V_UNKNOWN && sg_val_text(eye->k->m->arena, v, &text))
		return (struct sg_guard_seen){.what = SG_GUARD_LITERAL, .node = literal(eye, v, text, asked)};
	if (made_text(eye->k, v, &text))
		return (struct sg_guard_seen){.what = SG_GUARD_LITERAL, .node = literal(eye, v, text, asked)};
	return open_value(eye, v, asked);
}

/* What no function of CloudFormation makes: it is what it says, in every world. */
static bool is_plain(const struct sg_node *n)
{
	if (n->kind == SG_SCALAR)
		return n->text.n && !memmem(n->text.p, n->text.n, "{{", 2) && sg_read_yaml11(n).type != SG_T_NULL;
	for (size_t i = 0; n->kind == SG_MAP && i < n->n; i++) {
		struct sg_str key = n->members[i].key->text;
		if (sg_str_starts(key, "Fn::") || sg_str_is(key, "Ref") || sg_str_is(key, "Condition"))
			return false;
	}
	return true;
}

/* Of several values the first that can be in the world at hand; the worlds of the others are put off. */
static struct sg_guard_seen see(void *context, const struct sg_node *n)
{
	struct eye *eye = context;
	if (is_plain(n))
		return (struct sg_guard_seen){.what = SG_GUARD_LITERAL, .node = n};
	struct sg_worlds *w = eye->k->m->worlds;
	struct sg_alts alts = sg_eval(eye->k->m->cfn, n, eye->world);
	const struct sg_alt *taken = NULL;
	for (size_t i = 0; i < alts.n; i++) {
		sg_guard both = sg_guard_and(w, alts.v[i].guard, eye->world);
		if (!sg_guard_possible(w, both))
			continue;
		if (!taken)
			taken = &alts.v[i];
		else
			SG_PUSH(eye->k->m->arena, &eye->put_off, both);
	}
	if (!taken)
		return (struct sg_guard_seen){.what = SG_GUARD_ABSENT};
	eye->world = sg_guard_and(w, eye->world, taken->guard);
	return seen_of(eye, &taken->val, n);
}

/* ---------------------------------------------------------------------------------------------- saying */

static bool same_node(const struct sg_node *a, const struct sg_node *b)
{
	return a == b || (a && b && a->span.source == b->span.source && a->span.start == b->span.start &&
			  a->span.end == b->span.end);
}

static bool same_fail(const struct sg_guard_fail *a, const struct sg_guard_fail *b)
{
	return a->open == b->open && a->rule_span.start == b->rule_span.start && same_node(a->node, b->node) &&
	       sg_str_eq(a->path, b->path) && sg_str_eq(a->value, b->value);
}

/* A copy that outlives the evaluation. */
static const struct sg_guard_fail *kept_fail(struct sg_arena *a, const struct sg_guard_fail *fail)
{
	struct sg_guard_fail *kept = SG_NEW(a, struct sg_guard_fail);
	*kept = *fail;
	kept->path = sg_str_dup(a, fail->path);
	kept->resource = sg_str_dup(a, fail->resource);
	kept->reason = sg_str_dup(a, fail->reason);
	kept->value = sg_str_dup(a, fail->value);
	kept->limit = sg_str_dup(a, fail->limit);
	kept->key = sg_str_dup(a, fail->key);
	if (fail->seen) {
		struct sg_guard_seen *seen = SG_NEW(a, struct sg_guard_seen);
		*seen = *fail->seen;
		kept->seen = seen;
	}
	return kept;
}

static void keep(struct eye *eye, const struct sg_guard_fail *fail)
{
	for (size_t i = 0; i < eye->said.n; i++)
		if (same_fail(eye->said.v[i].fail, fail)) {
			eye->said.v[i].in = sg_guard_or(eye->k->m->worlds, eye->said.v[i].in, eye->world);
			return;
		}
	SG_PUSH(eye->k->m->arena, &eye->said, ((struct said){kept_fail(eye->k->m->arena, fail), eye->world}));
}

static void no_verdict(struct eye *eye, sg_guard in, const char *what)
{
	struct check *k = eye->k;
	struct sg_finding *f = audit_say(k, SG_UNPROVEN, eye->on->resource, NULL, in, NULL, "%.*s: %s",
					 SG_FMT(eye->on->resource->id), what);
	audit_settle(k, f, "fewer conditions around its properties, or --parameter-overrides, would settle it");
}

static bool look_once(struct eye *eye, const struct audit_rule *rule)
{
	struct sg_guard_world world = {see, eye};
	struct sg_str error;
	struct audit_rules *rules = eye->k->rules;
	if (sg_arena_used(rules->scratch) > SCRATCH) {
		sg_arena_free(rules->scratch);
		rules->scratch = sg_arena_new();
	}
	struct sg_guard_outcome o = sg_guard_judge(rules->scratch, rules->scratch, rule->guard, rule->i,
						   eye->on->resource->id, eye->on->node, &world, &error);
	rules->looks -= 1 + (int64_t)o.n_fails;
	for (size_t i = 0; i < o.n_fails; i++)
		keep(eye, &o.fails[i]);
	if (o.status == SG_GUARD_ERROR)
		no_verdict(eye, eye->world, sg_cstr(eye->k->m->arena, error));
	return o.status != SG_GUARD_ERROR;
}

static void look(struct check *k, const struct audit_rule *rule, const struct subject *on)
{
	struct eye eye = {.k = k, .on = on};
	size_t times = 0;
	SG_PUSH(k->m->arena, &eye.put_off, on->in);
	while (eye.put_off.n && times++ < MAX_WORLDS && k->rules->looks > 0) {
		eye.world = eye.put_off.v[--eye.put_off.n];
		if (!look_once(&eye, rule))
			break;
	}
	sg_guard rest = SG_NEVER;
	for (size_t i = 0; i < eye.put_off.n; i++)
		rest = sg_guard_or(k->m->worlds, rest, eye.put_off.v[i]);
	if (eye.put_off.n)
		no_verdict(&eye, rest, "its properties can come out in more ways than are looked at");
	for (size_t i = 0; i < eye.said.n; i++)
		audit_rule_say(k, on, eye.said.v[i].fail, eye.said.v[i].in);
}

void audit_run_rule(struct check *k)
{
	const struct audit_rule *rule = rule_of(k);
	for (size_t i = 0; rule && i < k->subjects->list.n; i++)
		if (sg_guard_rule_asks(rule->guard, rule->i, k->subjects->list.v[i].resource->type))
			look(k, rule, &k->subjects->list.v[i]);
}
