/*
 * LIM: what one run may use at most.
 */
#include "audit/audit_priv.h"

/* A number with a bound: what it is, what holds where it is absent (-1: then it is unbounded). */
struct limit {
	const char *dotted, *what, *unit;
	int64_t absent, most;
};

static void too_much(struct check *k, const struct limit *l, const struct sg_alt *alt, double value)
{
	struct sg_finding *f =
		audit_say(k, SG_FAIL, k->fn, l->dotted, alt->guard, &alt->val, "%s of %.*s is %.0f%s, more than %lld",
			  l->what, SG_FMT(k->fn->id), value, l->unit, (long long)l->most);
	sg_finding_settle(k->m->findings, f, "at most %lld", (long long)l->most);
}

/* A parameter: bounded by MaxValue, or nothing is proved.  That it may be more is shown by its bound. */
static void parameter(struct check *k, const struct limit *l, const struct sg_alt *alt)
{
	double most;
	if (!sg_cfn_parameter_max(k->m->cfn, sg_val_symbol(&alt->val), &most)) {
		struct sg_finding *f = audit_say(k, SG_UNPROVEN, k->fn, l->dotted, alt->guard, &alt->val,
						 "%s of %.*s is not bounded: %.*s", l->what, SG_FMT(k->fn->id),
						 SG_FMT(audit_describe(k, &alt->val)));
		const struct sg_symbol *s = sg_val_symbol(&alt->val);
		if (s && s->kind == SG_SYM_PARAMETER)
			sg_finding_settle(
				k->m->findings, f,
				"MaxValue of at most %lld on the Number parameter %.*s, or --parameter-overrides "
				"%.*s=…, would settle it",
				(long long)l->most, SG_FMT(s->name), SG_FMT(s->name));
		return;
	}
	if (most > (double)l->most)
		too_much(k, l, alt, most);
}

static void judge_limit(struct check *k, const struct limit *l)
{
	struct sg_alts alts = audit_prop(k, l->dotted);
	for (size_t i = 0; i < alts.n; i++) {
		const struct sg_alt *alt = &alts.v[i];
		int64_t value = l->absent;
		if (!audit_absent(&alt->val) && !sg_val_integer(&alt->val, &value)) {
			if (alt->val.kind == SG_V_FLOAT && alt->val.number > (double)l->most)
				too_much(k, l, alt, alt->val.number);
			else
				parameter(k, l, alt);
			continue;
		}
		if (value == -1) {
			struct sg_finding *f = audit_say(k, SG_FAIL, k->fn, l->dotted, alt->guard, &alt->val,
							 "%s of %.*s is not set", l->what, SG_FMT(k->fn->id));
			sg_finding_settle(k->m->findings, f, "set %s to at most %lld", l->dotted, (long long)l->most);
		} else if (value > l->most) {
			too_much(k, l, alt, (double)value);
		}
	}
}

/* Defaults of Lambda: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
static void memory(struct check *k)
{
	judge_limit(k, &(struct limit){"MemorySize", "memory", " MB", 128, k->o->bounds.memory_mb});
}

static void timeout(struct check *k)
{
	judge_limit(k, &(struct limit){"Timeout", "the timeout", " s", 3, k->o->bounds.timeout_s});
}

static void storage(struct check *k)
{
	judge_limit(k,
		    &(struct limit){"EphemeralStorage.Size", "ephemeral storage", " MB", 512, k->o->bounds.storage_mb});
}

static void concurrency(struct check *k)
{
	if (k->o->bounds.concurrency >= 0)
		judge_limit(k, &(struct limit){"ReservedConcurrentExecutions", "reserved concurrency", "", -1,
					       k->o->bounds.concurrency});
}

const struct check_row audit_lim[] = {
	{"LIM001", memory}, {"LIM002", timeout}, {"LIM003", storage}, {"LIM004", concurrency}, {NULL, NULL}};
