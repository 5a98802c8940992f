/*
 * From what a rule said to a finding: the message's lines, with the names in it put in, at the place of the value.
 */
#include "audit/rules_priv.h"

/* What a message is about. */
struct about {
	struct check *k;
	const struct subject *on;
	const struct sg_guard_fail *fail;
	const struct sg_val *value; /* unknown; NULL: it is known */
};

/* ---------------------------------------------------------------------------------------------- words */

/* One that the deployment passes; of others sg_net_settle() says what settles them. */
static struct sg_str parameter(const struct about *a)
{
	const struct sg_symbol *s = a->value ? sg_val_symbol(a->value) : NULL;
	return sg_net_is_passed(a->k->m, s) ? s->name : (struct sg_str){0};
}

static struct sg_str value(const struct about *a)
{
	return a->value ? audit_describe(a->k, a->value) : a->fail->value;
}

static struct sg_str limit(const struct about *a)
{
	return a->fail->limit;
}

static struct sg_str id(const struct about *a)
{
	return a->on->resource->id;
}

static struct sg_str function(const struct about *a)
{
	return a->k->fn->id;
}

static struct sg_str key(const struct about *a)
{
	return a->fail->key;
}

static const struct {
	const char *name;
	struct sg_str (*word)(const struct about *a);
} words[] = {
	{"{id}", id},       {"{function}", function}, {"{value}", value},
	{"{limit}", limit}, {"{key}", key},           {"{parameter}", parameter},
};

/* "{x-sandboxgen.Bounds.Timeout}": a fact; 0: it is none. */
static size_t fact(const struct about *a, struct sg_str text, struct sg_buf *out)
{
	const struct sg_node *n = sg_node_get(a->on->node, SG_FACTS);
	size_t end = sg_str_find(text, "}", 0);
	if (!sg_str_starts(text, "{" SG_FACTS ".") || end == SIZE_MAX)
		return 0;
	struct sg_str rest = sg_str_sub(text, sizeof(SG_FACTS) + 1, end - sizeof(SG_FACTS) - 1);
	while (n && rest.n) {
		size_t dot = sg_str_find(rest, ".", 0);
		n = sg_node_get_str(n, sg_str_sub(rest, 0, dot));
		rest = dot == SIZE_MAX ? (struct sg_str){0} : sg_str_sub(rest, dot + 1, SIZE_MAX);
	}
	if (n && n->kind == SG_SCALAR)
		sg_buf_str(out, n->text);
	return end + 1;
}

/* False where a word of it is not to be had. */
static bool put_in(const struct about *a, struct sg_str text, struct sg_str *out)
{
	struct sg_buf b = {0};
	bool all = true;
	while (text.n) {
		size_t brace = sg_str_find(text, "{", 0), n = 0;
		sg_buf_str(&b, sg_str_sub(text, 0, brace));
		text = sg_str_sub(text, brace, SIZE_MAX);
		for (size_t i = 0; text.n && !n && i < sizeof(words) / sizeof(*words); i++) {
			if (!sg_str_starts(text, words[i].name))
				continue;
			struct sg_str word = words[i].word(a);
			all = all && word.n;
			sg_buf_str(&b, word);
			n = sg_str(words[i].name).n;
		}
		if (text.n && !n)
			n = fact(a, text, &b);
		if (text.n && !n)
			sg_buf_addc(&b, text.p[n++]);
		text = sg_str_sub(text, n, SIZE_MAX);
	}
	*out = sg_buf_take(&b, a->k->m->arena);
	return all;
}

/* ---------------------------------------------------------------------------------------------- lines */

/* What stands behind `label` in its line of a message; empty where there is no such line. */
static struct sg_str line(struct sg_str message, const char *label)
{
	while (message.n) {
		size_t end = sg_str_find(message, "\n", 0);
		struct sg_str one = sg_str_trim(sg_str_sub(message, 0, end));
		if (sg_str_starts(one, label))
			return sg_str_trim(sg_str_sub(one, sg_str(label).n, SIZE_MAX));
		message = end == SIZE_MAX ? (struct sg_str){0} : sg_str_sub(message, end + 1, SIZE_MAX);
	}
	return message;
}

static struct sg_str what(const struct about *a, bool open)
{
	struct sg_str message = a->fail->message, text = open ? line(message, "Unknown:") : (struct sg_str){0};
	if (!text.n)
		text = line(message, "Violation:");
	if (!text.n)
		text = message.n ? message : a->fail->reason;
	put_in(a, text, &text);
	return text;
}

static void settle(const struct about *a, struct sg_finding *f, bool open)
{
	struct sg_str fix = line(a->fail->message, open ? "Settle:" : "Fix:");
	if (f->settle.n)
		return; /* the worlds are lost: that is what would have to be settled first */
	if (fix.n && put_in(a, fix, &fix))
		sg_finding_settle(a->k->m->findings, f, "%.*s", SG_FMT(fix));
	else if (a->value)
		sg_net_settle(a->k->m, f, a->value);
	else if (open)
		sg_finding_settle(a->k->m->findings, f, "what CloudFormation asks for at this place would settle it");
}

static void lower(struct sg_finding *f, struct sg_str severity)
{
	for (enum sg_severity s = SG_LOW; severity.n && s <= SG_CRITICAL; s++)
		if (sg_str_is(severity, sg_severity_name(s)))
			f->severity = s;
}

/* ---------------------------------------------------------------------------------------------- places */

/* A value where it is written, what is not there at its resource; a key where the message speaks of it. */
static struct sg_span place(const struct about *a)
{
	const struct sg_guard_fail *f = a->fail;
	const struct sg_node *n = f->node;
	if (f->key_node && sg_str_find(f->message, "{key}", 0) != SIZE_MAX)
		n = f->key_node;
	bool whole = f->missing || !n || sg_str_find(f->path, "/Properties", 0) == SIZE_MAX || !n->span.source;
	return whole ? a->on->resource->key->span : n->span;
}

/* The resource's own pointer and the way from there; a fact is the resource's. */
static struct sg_str path(const struct about *a)
{
	struct sg_str all = a->fail->path, own = a->on->resource->pointer;
	size_t properties = sg_str_find(all, "/Properties", 0);
	if (properties == SIZE_MAX)
		return own;
	return sg_strf(a->k->m->arena, "%.*s%.*s", SG_FMT(own), SG_FMT(sg_str_sub(all, properties, SIZE_MAX)));
}

void audit_rule_say(struct check *k, const struct subject *on, const struct sg_guard_fail *fail, sg_guard in)
{
	struct about a = {k, on, fail, fail->seen ? fail->seen->value : NULL};
	bool open = fail->open || on->maybe, soft = sg_str_is(line(fail->message, "Verdict:"), "unproven");
	struct sg_str message = what(&a, fail->open);
	struct sg_finding *f = sg_net_finding(k->m, k->rule, open || soft ? SG_UNPROVEN : SG_FAIL, k->fn, on->resource,
					      NULL, in, place(&a), "%.*s", SG_FMT(message));
	f->path = path(&a);
	settle(&a, f, open);
	lower(f, line(fail->message, "Severity:"));
}
