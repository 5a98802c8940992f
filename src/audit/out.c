/*
 * OUT: data that leaves without a packet of the function's own: tracing, destinations, log subscriptions.
 */
#include "audit/audit_priv.h"

/* The X-Ray daemon of the environment is link-local: it needs no route and no endpoint. */
static void tracing(struct check *k)
{
	struct sg_alts alts = audit_prop(k, "TracingConfig.Mode");
	for (size_t i = 0; i < alts.n; i++) {
		const struct sg_val *v = &alts.v[i].val;
		if (audit_absent(v) || sg_val_is(v, "PassThrough"))
			continue;
		bool active = sg_val_is(v, "Active");
		struct sg_finding *f =
			audit_say(k, active ? SG_FAIL : SG_UNPROVEN, k->fn, "TracingConfig.Mode", alts.v[i].guard, v,
				  active ? "tracing of %.*s is active: traces leave without any route"
					 : "whether tracing of %.*s is active is not known",
				  SG_FMT(k->fn->id));
		if (active)
			audit_settle(k, f, "Tracing: PassThrough");
	}
}

/* ---------------------------------------------------------------------------------------------- destinations */

static void must_have_none(struct check *k, const struct sg_resource *r, const char *dotted, sg_guard in, bool maybe)
{
	struct sg_alts alts = sg_net_prop(k->m, r, dotted, in);
	for (size_t i = 0; i < alts.n; i++) {
		const struct sg_val *v = &alts.v[i].val;
		if (audit_absent(v))
			continue;
		bool open = !maybe && v->kind != SG_V_UNKNOWN;
		struct sg_finding *f = audit_say(k, open ? SG_FAIL : SG_UNPROVEN, r, dotted, alts.v[i].guard, v,
						 "%.*s sends what %.*s was given, or answers, to %.*s", SG_FMT(r->id),
						 SG_FMT(k->fn->id), SG_FMT(audit_describe(k, v)));
		if (open)
			audit_settle(k, f, "no destination: the answer goes to the caller alone");
	}
}

static void invoke_destinations(struct check *k, const struct sg_resource *r, sg_guard in, bool maybe)
{
	must_have_none(k, r, "DestinationConfig.OnSuccess.Destination", in, maybe);
	must_have_none(k, r, "DestinationConfig.OnFailure.Destination", in, maybe);
}

static void destinations(struct check *k)
{
	must_have_none(k, k->fn, "DeadLetterConfig.TargetArn", k->in, false);
	audit_each_attached(k, "AWS::Lambda::EventInvokeConfig", "FunctionName", invoke_destinations);
	audit_each_attached(k, "AWS::Lambda::EventSourceMapping", "FunctionName", invoke_destinations);
}

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
static void hands_on(struct check *k, const struct sg_resource *r)
{
	struct sg_alts classes = sg_net_prop(k->m, r, "LogGroupClass", k->in);
	for (size_t i = 0; i < classes.n; i++) {
		const struct sg_val *v = &classes.v[i].val;
		if (!audit_absent(v) && !sg_val_is(v, "STANDARD") && !sg_val_is(v, "INFREQUENT_ACCESS"))
			subscribed(k, r, classes.v[i].guard, true, " out: its class hands them on");
	}
}

/* A data protection policy of the function's own group may send its findings elsewhere. */
static void protection(struct check *k)
{
	const struct sg_resource *r;
	for (size_t i = 0; (r = sg_model_next(k->m, "AWS::Logs::LogGroup", &i));) {
		hands_on(k, r);
		struct sg_alts docs = sg_net_prop(k->m, r, "DataProtectionPolicy", k->in);
		struct sg_alts own = audit_prop(k, "LoggingConfig.LogGroup");
		for (size_t j = 0; j < docs.n; j++)
			for (size_t n = 0; n < own.n && !audit_absent(&docs.v[j].val); n++)
				if (sg_net_same(k->m, &own.v[n].val, r) != SG_OTHER || audit_absent(&own.v[n].val))
					subscribed(k, r, sg_guard_and(k->m->worlds, docs.v[j].guard, own.v[n].guard),
						   true,
						   " out: its data protection policy sends what it finds elsewhere");
	}
}

static void log_subscriptions(struct check *k)
{
	filters(k);
	policies(k);
	protection(k);
}

const struct check_row audit_out[] = {
	{"OUT001", tracing}, {"OUT002", destinations}, {"OUT003", log_subscriptions}, {NULL, NULL}};
