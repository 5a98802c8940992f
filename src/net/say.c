/*
 * How a finding about the network is said: where it stands, the steps of its way, and what would settle it.  It must not know
 * what a wall is, nor what makes it fail.
 */
#include "net/net_priv.h"

#include <string.h>

static struct sg_str format(struct sg_arena *a, const char *fmt, va_list ap)
{
	struct sg_buf b = {0};
	sg_buf_vaddf(&b, fmt, ap);
	return sg_buf_take(&b, a);
}

static struct sg_str pointer_of(struct sg_arena *a, const struct sg_resource *at, const char *dotted)
{
	struct sg_buf b = {0};
	sg_buf_str(&b, at->pointer);
	if (dotted)
		sg_buf_adds(&b, "/Properties/");
	for (const char *p = dotted; p && *p; p++)
		sg_buf_addc(&b, *p == '.' ? '/' : *p);
	return sg_buf_take(&b, a);
}

/* A template that was made to drown the report in findings gets no more of them; the rule's verdict stands. */
static struct sg_finding *one_too_many(const struct sg_model *m, const char *rule, enum sg_verdict status,
				       const struct sg_resource *function, struct sg_span span)
{
	if (m->findings->list.n == NET_MAX_FINDINGS) {
		struct sg_finding *f =
			sg_finding_add(m->findings, "TPL003", SG_UNPROVEN, span, SG_LIT(""),
				       "more than %d findings: the rest is not listed", (int)NET_MAX_FINDINGS);
		sg_finding_settle(m->findings, f, "put right what is listed");
	}
	sg_judge(m->findings, rule, function->id, status);
	struct sg_finding *aside = SG_NEW(m->arena, struct sg_finding);
	aside->rule = sg_rule_get(rule);
	aside->status = status;
	aside->span = span;
	return aside;
}

static struct sg_finding *finding_of(const struct sg_model *m, const char *rule, enum sg_verdict status,
				     const struct sg_resource *function, const struct sg_resource *at,
				     const char *dotted, sg_guard guard, struct sg_span span, struct sg_str message)
{
	bool lost = sg_guard_is_lost(m->worlds, guard);
	if (m->findings->list.n >= NET_MAX_FINDINGS)
		return one_too_many(m, rule, lost ? SG_UNPROVEN : status, function, span);
	struct sg_finding *f = sg_finding_add(m->findings, rule, lost ? SG_UNPROVEN : status, span, function->id,
					      "%.*s", SG_FMT(message));
	f->path = pointer_of(m->arena, at, dotted);
	if (lost)
		sg_finding_settle(m->findings, f,
				  "the conditions of the template are past the analysis' ceiling: fewer of them, or "
				  "--parameter-overrides, would settle it");
	else if (!sg_guard_certain(m->worlds, guard))
		sg_guard_when(m->worlds, guard, m->arena, f);
	return f;
}

struct sg_finding *sg_net_finding(const struct sg_model *m, const char *rule, enum sg_verdict status,
				  const struct sg_resource *function, const struct sg_resource *at, const char *dotted,
				  sg_guard guard, struct sg_span span, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	struct sg_str message = format(m->arena, fmt, ap);
	va_end(ap);
	return finding_of(m, rule, status, function, at, dotted, guard, span, message);
}

struct sg_finding *net_say(struct net_ctx *x, const char *rule, enum sg_verdict status, const struct sg_resource *at,
			   const char *dotted, sg_guard guard, const struct sg_val *val, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	struct sg_str message = format(x->arena, fmt, ap);
	va_end(ap);
	struct sg_finding *f =
		finding_of(x->m, rule, status, x->function, at, dotted, guard, sg_prop_span(at, val), message);
	if (status == SG_UNPROVEN && val && !f->settle.n)
		sg_net_settle(x->m, f, val);
	return f;
}

void net_step(struct net_ctx *x, struct sg_finding *f, struct sg_span span, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	struct sg_str text = format(x->arena, fmt, ap);
	va_end(ap);
	sg_finding_step(x->m->findings, f, span, "%.*s", SG_FMT(text));
}

void net_settle(struct net_ctx *x, struct sg_finding *f, const char *text)
{
	sg_finding_settle(x->m->findings, f, "%s", text);
}

struct sg_alts sg_net_prop(const struct sg_model *m, const struct sg_resource *r, const char *dotted, sg_guard in)
{
	if (!sg_guard_possible(m->worlds, sg_guard_and(m->worlds, in, r->exists)))
		return (struct sg_alts){0};
	return sg_prop(m, r, dotted, in);
}

struct sg_finding *net_elsewhere(struct net_ctx *x, struct sg_finding *f)
{
	net_settle(x, f,
		   "define it in this template and refer to it with Ref: an id says nothing about what is behind it");
	return f;
}

const struct sg_symbol *sg_net_symbol(const struct sg_val *unknown)
{
	const struct sg_symbol *s = sg_val_symbol(unknown);
	return s ? s : unknown->symbol;
}

/* The stack of a parameter of a nested stack, "Stack" of "Stack/Name"; empty for one of the template itself. */
static struct sg_str nested_in(struct sg_str parameter)
{
	size_t n = parameter.n;
	while (n && parameter.p[n - 1] != '/')
		n--;
	return sg_str_sub(parameter, 0, n ? n - 1 : 0);
}

static bool is_stored(const struct sg_model *m, struct sg_str parameter)
{
	const struct sg_node *p = sg_node_get_str(sg_node_get(m->expanded, "Parameters"), parameter);
	const struct sg_node *type = p ? sg_node_get(p, "Type") : NULL;
	return type && type->kind == SG_SCALAR && sg_str_starts(type->text, "AWS::SSM::Parameter::");
}

bool sg_net_is_passed(const struct sg_model *m, const struct sg_symbol *s)
{
	return s && s->kind == SG_SYM_PARAMETER && !nested_in(s->name).n && !is_stored(m, s->name);
}

static void settle_parameter(const struct sg_model *m, struct sg_finding *finding, struct sg_str name)
{
	struct sg_str stack = nested_in(name), own = stack.n ? sg_str_sub(name, stack.n + 1, SIZE_MAX) : name;
	if (is_stored(m, name))
		sg_finding_settle(m->findings, finding,
				  "what the store holds is read at each deployment: a parameter %.*s of type String, "
				  "with its value, would settle it",
				  SG_FMT(own));
	else if (sg_str_starts(own, "AWS::"))
		sg_finding_settle(m->findings, finding, "a value that does not depend on %.*s of %.*s would settle it",
				  SG_FMT(own), SG_FMT(stack));
	else if (stack.n)
		sg_finding_settle(m->findings, finding,
				  "pass the parameter %.*s from the parent, in the Parameters of %.*s: a literal there "
				  "would settle it; so would AllowedValues on the parameter",
				  SG_FMT(own), SG_FMT(stack));
	else
		sg_finding_settle(
			m->findings, finding,
			"AllowedValues on the parameter %.*s, or --parameter-overrides %.*s=…, would settle it",
			SG_FMT(own), SG_FMT(own));
}

void sg_net_settle(const struct sg_model *m, struct sg_finding *finding, const struct sg_val *unknown)
{
	const struct sg_symbol *s = sg_net_symbol(unknown);
	if (s && s->kind == SG_SYM_PARAMETER)
		settle_parameter(m, finding, s->name);
	else if (s && s->kind == SG_SYM_IMPORT)
		sg_finding_settle(
			m->findings, finding,
			"an imported value is decided by another stack: define what it names in this template");
	else if (s && s->kind == SG_SYM_PSEUDO)
		sg_finding_settle(m->findings, finding, "a value that does not depend on %.*s would settle it",
				  SG_FMT(s->name));
	else if (unknown->kind == SG_V_UNKNOWN && unknown->reason.n)
		sg_finding_settle(m->findings, finding, "%.*s", SG_FMT(unknown->reason));
	else
		sg_finding_settle(m->findings, finding,
				  "define what it names in this template, and refer to it with Ref or GetAtt");
}
