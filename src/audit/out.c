/*
 * OUT: log subscriptions that carry out what the function wrote.  Tracing and destinations are policies/out.guard.
 */
#include "audit/audit_priv.h"

/* ---------------------------------------------------------------------------------------------- logs */

static void subscribed(struct check *k, const struct sg_resource *r, sg_guard in, bool maybe, const char *what)
{
	struct sg_finding *f =
		audit_say(k, maybe ? SG_UNPROVEN : SG_FAIL, r, NULL, in, NULL, "%.*s %s the logs of %.*s%s",
			  SG_FMT(r->id), maybe ? "may carry" : "carries", SG_FMT(k->fn->id), what);
	audit_settle(k, f, "no subscription on the sandbox's log group");
}

static void filters(struct check *k)
{
	const struct sg_resource *r;
	for (size_t i = 0; (r = sg_model_next(k->m, "AWS::Logs::SubscriptionFilter", &i));) {
		struct sg_alts names = sg_net_prop(k->m, r, "LogGroupName", k->in);
		for (size_t j = 0; j < names.n; j++) {
			enum sg_same same = audit_is_own_group(k, &names.v[j].val, names.v[j].guard);
			if (same != SG_OTHER)
				subscribed(k, r, names.v[j].guard, same == SG_MAYBE, " out");
		}
	}
}

/* Resources that can take the logs of every group of the account, or whose reach this stage does not read. */
static void policies(struct check *k)
{
	static const char *const types[] = {"AWS::Logs::AccountPolicy",  "AWS::Logs::Delivery",
					    "AWS::Logs::DeliverySource", "AWS::Logs::Integration",
					    "AWS::Logs::Transformer",    "AWS::ObservabilityAdmin::TelemetryRule"};
	for (size_t t = 0; t < sizeof(types) / sizeof(*types); t++) {
		const struct sg_resource *r;
		for (size_t i = 0; (r = sg_model_next(k->m, types[t], &i));)
			subscribed(k, r, sg_guard_and(k->m->worlds, k->in, r->exists), true, " out");
	}
}

/* A group of the class DELIVERY exists to hand logs on. */
static void hands_on(struct check *k, const struct sg_resource *group, sg_guard in)
{
	struct sg_alts classes = sg_net_prop(k->m, group, "LogGroupClass", in);
	for (size_t i = 0; i < classes.n; i++) {
		const struct sg_val *v = &classes.v[i].val;
		if (!audit_absent(v) && !sg_val_is(v, "STANDARD") && !sg_val_is(v, "INFREQUENT_ACCESS"))
			subscribed(k, group, classes.v[i].guard, true, " out: its class hands them on");
	}
}

static void has_policy(struct check *k, const struct sg_resource *group, sg_guard in, const char *property,
		       const char *what)
{
	struct sg_alts docs = sg_net_prop(k->m, group, property, in);
	for (size_t i = 0; i < docs.n; i++)
		if (!audit_absent(&docs.v[i].val))
			subscribed(k, group, docs.v[i].guard, true, what);
}

/* What the function's own group says of itself: a data protection policy may send what it finds elsewhere, a resource
 * policy may let others read. */
static void own_group(struct check *k, const struct sg_resource *group, sg_guard in)
{
	hands_on(k, group, in);
	has_policy(k, group, in, "DataProtectionPolicy",
		   " out: its data protection policy sends what it finds elsewhere");
	has_policy(k, group, in, "ResourcePolicyDocument", " out: its resource policy lets others at them");
}

static void log_subscriptions(struct check *k)
{
	filters(k);
	policies(k);
	audit_each_group(k, own_group);
}

const struct check_row audit_out[] = {{"OUT001", NULL}, {"OUT002", NULL}, {"OUT003", log_subscriptions}, {NULL, NULL}};
