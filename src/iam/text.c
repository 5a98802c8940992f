/*
 * Values of the template as texts of a policy: literal characters, and letters for what nobody knows.  Here the Arn and
 * the Ref of a log group become what they are known to be; no other attribute is looked into.
 */
#include "iam/iam_priv.h"

enum { MAX_ALTERNATIVES = 16, MAX_DEPTH = 4 };

bool iam_possible(struct iam *i, sg_guard a, sg_guard b)
{
	return sg_guard_possible(i->m->worlds, sg_guard_and(i->m->worlds, a, b));
}

bool iam_within(struct iam *i, sg_guard a, sg_guard b)
{
	return !sg_guard_possible(i->m->worlds, sg_guard_minus(i->m->worlds, a, b));
}

sg_guard iam_and(struct iam *i, sg_guard a, sg_guard b)
{
	return sg_guard_and(i->m->worlds, a, b);
}

static void push_unknown(struct iam *i, iam_alts *out, sg_guard g, struct sg_str reason)
{
	struct iam_alt u = {.guard = g, .unknown = true, .reason = reason};
	SG_PUSH(i->a, out, u);
}

static struct iam_raw concat(struct iam *i, struct iam_raw a, struct iam_raw b)
{
	iam_toks t = {0};
	for (size_t k = 0; k < a.n; k++)
		SG_PUSH(i->a, &t, a.t[k]);
	for (size_t k = 0; k < b.n; k++)
		SG_PUSH(i->a, &t, b.t[k]);
	return (struct iam_raw){t.v, t.n};
}

/* Every text of `heads` followed by every text of `tails` that can be there in the same deployment. */
static void append(struct iam *i, iam_alts *heads, const iam_alts *tails)
{
	iam_alts out = {0};
	for (size_t h = 0; h < heads->n; h++)
		for (size_t t = 0; t < tails->n; t++) {
			sg_guard g = iam_and(i, heads->v[h].guard, tails->v[t].guard);
			if (!sg_guard_possible(i->m->worlds, g))
				continue;
			struct iam_alt alt = {.guard = g};
			alt.unknown = heads->v[h].unknown || tails->v[t].unknown;
			alt.reason = heads->v[h].unknown ? heads->v[h].reason : tails->v[t].reason;
			if (!alt.unknown)
				alt.raw = concat(i, heads->v[h].raw, tails->v[t].raw);
			SG_PUSH(i->a, &out, alt);
		}
	*heads = out;
}

static struct iam_raw letter_text(struct iam *i, iam_tok t)
{
	iam_tok *one = SG_NEW(i->a, iam_tok);
	*one = t;
	return (struct iam_raw){one, 1};
}

static void push_known(struct iam *i, iam_alts *out, sg_guard g, struct iam_raw raw)
{
	struct iam_alt a = {.guard = g, .raw = raw};
	SG_PUSH(i->a, out, a);
}

/* The names that a log group of the template can have; without LogGroupName CloudFormation makes one. */
static void group_names(struct iam *i, const struct sg_symbol *s, const struct sg_resource *group, sg_guard g,
			iam_alts *out)
{
	struct sg_symbol ref = {.kind = SG_SYM_RESOURCE, .name = s->name};
	struct sg_alts alts = sg_prop(i->m, group, "LogGroupName", g);
	for (size_t k = 0; k < alts.n; k++) {
		sg_guard in = iam_and(i, g, alts.v[k].guard);
		if (alts.v[k].val.kind == SG_V_ABSENT)
			push_known(i, out, in, letter_text(i, iam_letter_of(i, &ref)));
		else
			iam_text(i, &alts.v[k].val, in, out);
	}
	/* A name that CloudWatch Logs accepts has no wildcard: [._/#A-Za-z0-9-]
	 * (https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html). */
	for (size_t k = 0; k < out->n; k++)
		if (!out->v[k].unknown)
			iam_raw_mark_plain(i, out->v[k].raw);
}

static void pseudo(struct iam *i, iam_toks *t, const char *name)
{
	SG_PUSH(i->a, t, iam_letter_named(i, SG_SYM_PSEUDO, name, NULL));
}

/* GetAtt LogGroup.Arn ends in ":*"
 * (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-logs-loggroup.html). */
static void group_arn(struct iam *i, iam_alts *names, sg_guard g)
{
	iam_toks head = {0};
	iam_toks_str(i, &head, SG_LIT("arn:"));
	pseudo(i, &head, "AWS::Partition");
	iam_toks_str(i, &head, SG_LIT(":logs:"));
	pseudo(i, &head, "AWS::Region");
	iam_toks_str(i, &head, SG_LIT(":"));
	pseudo(i, &head, "AWS::AccountId");
	iam_toks_str(i, &head, SG_LIT(":log-group:"));
	iam_alts arn = {0}, tail = {0};
	push_known(i, &arn, g, (struct iam_raw){head.v, head.n});
	push_known(i, &tail, g, iam_raw_str(i, ":*"));
	append(i, &arn, names);
	append(i, &arn, &tail);
	*names = arn;
}

static void symbol_text(struct iam *i, const struct sg_symbol *s, sg_guard g, iam_alts *out)
{
	bool arn = s->kind == SG_SYM_ATTRIBUTE && sg_str_is(s->attribute, "Arn");
	const struct sg_resource *r = arn || s->kind == SG_SYM_RESOURCE ? sg_model_find(i->m, s->name) : NULL;
	if (!r || !sg_str_is(r->type, "AWS::Logs::LogGroup") || i->depth >= MAX_DEPTH || !iam_within(i, g, r->exists)) {
		push_known(i, out, g, letter_text(i, iam_letter_of(i, s)));
		return;
	}
	i->depth++;
	group_names(i, s, r, g, out);
	i->depth--;
	if (arn)
		group_arn(i, out, g);
}

static void string_text(struct iam *i, const struct sg_val *v, sg_guard g, iam_alts *out)
{
	iam_alts all = {0};
	push_known(i, &all, g, (struct iam_raw){0});
	for (size_t k = 0; k < v->n_parts; k++) {
		iam_alts part = {0};
		iam_toks t = {0};
		if (v->parts[k].symbol) {
			symbol_text(i, v->parts[k].symbol, g, &part);
		} else {
			iam_toks_str(i, &t, v->parts[k].literal);
			push_known(i, &part, g, (struct iam_raw){t.v, t.n});
		}
		append(i, &all, &part);
		if (all.n > MAX_ALTERNATIVES) {
			push_unknown(i, out, g, SG_LIT("it can be more different texts than are looked at"));
			return;
		}
	}
	for (size_t k = 0; k < all.n; k++)
		SG_PUSH(i->a, out, all.v[k]);
}

void iam_text(struct iam *i, const struct sg_val *v, sg_guard g, iam_alts *out)
{
	struct sg_str s;
	iam_toks t = {0};
	if (v->kind == SG_V_STRING) {
		string_text(i, v, g, out);
	} else if (v->kind == SG_V_UNKNOWN) {
		push_unknown(i, out, g, v->reason);
	} else if (sg_val_text(i->a, v, &s)) {
		iam_toks_str(i, &t, s);
		push_known(i, out, g, (struct iam_raw){t.v, t.n});
	} else {
		push_unknown(i, out, g, sg_strf(i->a, "it is %.*s, not a string", SG_FMT(sg_val_describe(i->a, v))));
	}
}
