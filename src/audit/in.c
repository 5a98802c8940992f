/*
 * FUN005: who gets in from outside: function URLs, resource policies, event sources, and whatever else of the template
 * is given the function.
 */
#include "audit/audit_priv.h"
#include "iam/iam.h"

static void url(struct check *k, const struct sg_resource *r, sg_guard in, bool maybe)
{
	struct sg_alts alts = sg_net_prop(k->m, r, "AuthType", in);
	for (size_t i = 0; i < alts.n; i++) {
		const struct sg_alt *alt = &alts.v[i];
		bool open = sg_val_is(&alt->val, "NONE");
		struct sg_finding *f =
			audit_say(k, open && !maybe ? SG_FAIL : SG_UNPROVEN, r, "AuthType", alt->guard, &alt->val,
				  open ? "%.*s gives %.*s a URL that anybody may call"
				       : "%.*s gives %.*s a URL: who may call it is decided elsewhere",
				  SG_FMT(r->id), SG_FMT(k->fn->id));
		audit_settle(k, f, "no function URL: callers use the Invoke API");
	}
}

/* ---------------------------------------------------------------------------------------------- permissions */

static bool is_service(struct sg_str principal)
{
	return sg_str_ends(principal, ".amazonaws.com") || sg_str_ends(principal, ".amazon.com") ||
	       sg_str_ends(principal, ".amazonaws.com.cn");
}

/* Does a service speak for one source only?  SAM's own permissions always do. */
static bool has_source(struct check *k, const struct sg_resource *r, sg_guard in)
{
	static const char *const props[] = {"SourceArn", "SourceAccount", "PrincipalOrgID", "EventSourceToken"};
	if (r->node->why == SG_WHY_SAM)
		return true;
	for (size_t p = 0; p < sizeof(props) / sizeof(*props); p++) {
		struct sg_alts alts = sg_net_prop(k->m, r, props[p], in);
		bool all = alts.n > 0;
		for (size_t i = 0; i < alts.n; i++)
			all = all && !audit_absent(&alts.v[i].val) && !sg_val_is(&alts.v[i].val, "*");
		if (all)
			return true;
	}
	return false;
}

/* Does the template itself ask for this caller?  Metadata Sandboxgen Invokers, a list of ARNs. */
static bool asked_inline(struct check *k, struct sg_str arn)
{
	const struct sg_node *own = sg_node_get(sg_node_get(k->fn->node, "Metadata"), "Sandboxgen");
	const struct sg_node *list = k->o->no_inline ? NULL : sg_node_get(own, "Invokers");
	for (size_t i = 0; list && list->kind == SG_SEQ && i < list->n; i++)
		if (list->items[i]->kind == SG_SCALAR && sg_str_eq(list->items[i]->text, arn))
			return true;
	return false;
}

/* One role or user by its ARN, that the specification (or else the template) names as a caller. */
static bool asked_for(struct check *k, struct sg_str arn)
{
	size_t iam = sg_str_find(arn, ":iam::", 0);
	bool one = sg_str_starts(arn, "arn:aws") && iam != SIZE_MAX && sg_str_find(arn, "*", 0) == SIZE_MAX &&
		   (sg_str_find(arn, ":role/", iam) != SIZE_MAX || sg_str_find(arn, ":user/", iam) != SIZE_MAX);
	for (size_t i = 0; one && i < k->o->bounds.n_invokers; i++)
		if (sg_str_eq(k->o->bounds.invokers[i], arn))
			return true;
	return one && asked_inline(k, arn);
}

/* Calls the function, and nothing else: no URL, no other action. */
static bool only_invokes(struct check *k, const struct sg_resource *r, sg_guard in)
{
	struct sg_alts actions = sg_net_prop(k->m, r, "Action", in);
	struct sg_alts url = sg_net_prop(k->m, r, "FunctionUrlAuthType", in);
	for (size_t i = 0; i < actions.n; i++)
		if (!sg_val_is(&actions.v[i].val, "lambda:InvokeFunction"))
			return false;
	for (size_t i = 0; i < url.n; i++)
		if (!audit_absent(&url.v[i].val))
			return false;
	return actions.n > 0;
}

static void principal(struct check *k, const struct sg_resource *r, const struct sg_alt *alt, bool maybe)
{
	struct sg_str text;
	const char *what = "somebody that is not known";
	bool open = false;
	if (audit_text(k, &alt->val, &text)) {
		if (asked_for(k, text) && only_invokes(k, r, alt->guard))
			return;
		open = !is_service(text) || !has_source(k, r, alt->guard);
		what = sg_str_is(text, "*") ? "everybody"
		       : !is_service(text)  ? "another account"
		       : open               ? "a service on behalf of anybody"
					    : "a service: what its source sends is decided elsewhere";
	} else if (alt->val.kind == SG_V_STRING) {
		what = "an account or a role";
	}
	struct sg_finding *f = audit_say(k, open && !maybe ? SG_FAIL : SG_UNPROVEN, r, "Principal", alt->guard,
					 &alt->val, "%.*s lets %.*s be called by %s (%.*s)", SG_FMT(r->id),
					 SG_FMT(k->fn->id), what, SG_FMT(audit_describe(k, &alt->val)));
	audit_settle(k, f, "no permission: callers get lambda:InvokeFunction in their own policies");
}

/* What only asks questions about the function does not let anybody in. */
static bool invokes(const struct sg_val *action)
{
	return !sg_val_is(action, "lambda:GetFunction") && !sg_val_is(action, "lambda:GetFunctionConfiguration");
}

static void permission(struct check *k, const struct sg_resource *r, sg_guard in, bool maybe)
{
	sg_guard calls = SG_NEVER;
	struct sg_alts actions = sg_net_prop(k->m, r, "Action", in);
	for (size_t i = 0; i < actions.n; i++)
		if (invokes(&actions.v[i].val))
			calls = sg_guard_or(k->m->worlds, calls, actions.v[i].guard);
	struct sg_alts alts = sg_net_prop(k->m, r, "Principal", calls);
	for (size_t i = 0; i < alts.n; i++)
		principal(k, r, &alts.v[i], maybe);
}

static void mapping(struct check *k, const struct sg_resource *r, sg_guard in, bool maybe)
{
	struct sg_finding *f = audit_say(k, SG_UNPROVEN, r, "FunctionName", in, NULL,
					 "%.*s %s %.*s with what others put into its source", SG_FMT(r->id),
					 maybe ? "may call" : "calls", SG_FMT(k->fn->id));
	audit_settle(k, f, "a sandbox that is called by its product alone, without an event source, would settle it");
}

/* ---------------------------------------------------------------------------------------------- roles */

static bool is_asked_for(void *context, struct sg_str arn)
{
	return asked_for(context, arn);
}

/* A role that somebody outside assumes calls the function as a permission lets him. */
static void way_in(void *context, const struct sg_iam_way_in *w)
{
	struct check *k = context;
	bool sure = w->verdict == SG_FAIL;
	struct sg_finding *f = audit_say(k, w->verdict, w->role, NULL, w->in, NULL,
					 sure ? "%.*s can be assumed from outside (%.*s), and has %.*s on %.*s"
					      : "%.*s may be assumed from outside (%.*s), and may have %.*s on %.*s",
					 SG_FMT(w->role->id), SG_FMT(w->who), SG_FMT(w->call), SG_FMT(k->fn->id));
	f->span = w->policy;
	sg_finding_step(k->m->findings, f, w->trust, "its trust policy lets %.*s in", SG_FMT(w->who));
	sg_finding_step(k->m->findings, f, w->policy, "%.*s allows %.*s", SG_FMT(w->origin), SG_FMT(w->call));
	audit_settle(
		k, f,
		"trust a service or principals of arn:${AWS::Partition}:iam::${AWS::AccountId} alone, or name other "
		"resources in the statement that allows it");
}

static void roles(struct check *k)
{
	const struct sg_iam_way_in_user user = {k, is_asked_for, way_in};
	sg_iam_ways_in(k->m, k->fn, k->in, &k->o->iam, &user);
}

/* ---------------------------------------------------------------------------------------------- everything else */

/* Types whose resources may mention the function without letting anybody in, or that are read elsewhere. */
static const char *const harmless[] = {
	"AWS::Lambda::Url",
	"AWS::Lambda::Permission",
	"AWS::Lambda::EventSourceMapping",
	"AWS::Lambda::Version",
	"AWS::Lambda::Alias",
	"AWS::Lambda::EventInvokeConfig",
	"AWS::Lambda::Function",
	"AWS::Logs::LogGroup",
	"AWS::Logs::MetricFilter",
	"AWS::Logs::SubscriptionFilter",
	"AWS::CloudWatch::Alarm",
	"AWS::CloudWatch::CompositeAlarm",
	"AWS::CloudWatch::Dashboard",
	"AWS::IAM::Role",
	"AWS::IAM::Policy",
	"AWS::IAM::ManagedPolicy",
	"AWS::IAM::RolePolicy",
	"AWS::SSM::Parameter",
	"AWS::CloudFormation::WaitCondition",
};

static bool is_harmless(struct sg_str type)
{
	for (size_t i = 0; i < sizeof(harmless) / sizeof(*harmless); i++)
		if (sg_str_is(type, harmless[i]))
			return true;
	return false;
}

/* They call a function by its resource policy, which an AWS::Lambda::Permission makes: that is judged by itself.  Unless
 * they are given a role to call it with. */
static const char *const by_permission[] = {
	"AWS::ApiGateway::Authorizer",
	"AWS::ApiGateway::Method",
	"AWS::ApiGateway::RestApi",
	"AWS::ApiGatewayV2::Api",
	"AWS::ApiGatewayV2::Authorizer",
	"AWS::ApiGatewayV2::Integration",
	"AWS::Cognito::UserPool",
	"AWS::ElasticLoadBalancingV2::TargetGroup",
	"AWS::Events::Rule",
	"AWS::IoT::TopicRule",
	"AWS::S3::Bucket",
	"AWS::SES::ReceiptRule",
	"AWS::SNS::Subscription",
	"AWS::SNS::Topic",
	"AWS::SecretsManager::RotationSchedule",
};

/* "Credentials", "CredentialsArn", "authorizerCredentials", "RoleArn": a key that names a role; or one that is made. */
static bool has_role(const struct sg_node *n)
{
	static const char *const words[] = {"redentials", "Role", "role", "Fn::Transform"};
	for (size_t i = 0; n && n->kind == SG_SEQ && i < n->n; i++)
		if (has_role(n->items[i]))
			return true;
	for (size_t i = 0; n && n->kind == SG_MAP && i < n->n; i++) {
		for (size_t k = 0; k < sizeof(words) / sizeof(*words); k++)
			if (sg_str_find(n->members[i].key->text, words[k], 0) != SIZE_MAX)
				return true;
		if (has_role(n->members[i].value))
			return true;
	}
	return false;
}

static bool calls_by_permission(const struct sg_resource *r)
{
	for (size_t i = 0; i < sizeof(by_permission) / sizeof(*by_permission); i++)
		if (sg_str_is(r->type, by_permission[i]))
			return !has_role(r->props);
	return false;
}

static void given(struct check *k, const struct sg_resource *r, const struct sg_node *at, sg_guard in)
{
	struct sg_finding *f = audit_say(k, SG_UNPROVEN, r, NULL, in, NULL,
					 "%.*s %.*s is given %.*s: whom it lets call the function is not known",
					 SG_FMT(r->type), SG_FMT(r->id), SG_FMT(k->fn->id));
	f->span = at->span;
	f->severity = SG_MEDIUM;
	audit_settle(k, f, "a sandbox that is called by its product alone would settle it");
}

/* What it calls with a role of its own, only a deployment knows. */
static void aimed(struct check *k, const struct sg_resource *r, const struct audit_target *t)
{
	struct sg_str what = t->later ? SG_LIT("what it finds out when it runs") : audit_describe(k, &t->val);
	struct sg_finding *f = audit_say(k, SG_UNPROVEN, r, NULL, t->in, t->later ? NULL : &t->val,
					 "%.*s %.*s calls %.*s with a role of its own: that may be %.*s",
					 SG_FMT(r->type), SG_FMT(r->id), SG_FMT(what), SG_FMT(k->fn->id));
	f->span = t->at->span;
	f->severity = SG_MEDIUM;
	if (t->later)
		audit_settle(k, f, "a definition in the template that names what it calls would settle it");
}

static void others(struct check *k)
{
	for (size_t i = 0; i < k->m->n; i++) {
		const struct sg_resource *r = &k->m->resources[i];
		sg_guard in = sg_guard_and(k->m->worlds, r->exists, k->in);
		struct audit_target target;
		if (is_harmless(r->type) || calls_by_permission(r) || sg_map_get(k->m->followed, r->id) ||
		    !sg_guard_possible(k->m->worlds, in))
			continue;
		const struct sg_node *at = audit_mention(k, r);
		if (at)
			given(k, r, at, in);
		else if (audit_target(k, r, &target))
			aimed(k, r, &target);
	}
}

void audit_check_invokers(struct check *k)
{
	audit_each_attached(k, "AWS::Lambda::Url", "TargetFunctionArn", url);
	audit_each_attached(k, "AWS::Lambda::Permission", "FunctionName", permission);
	audit_each_attached(k, "AWS::Lambda::EventSourceMapping", "FunctionName", mapping);
	roles(k);
	others(k);
}
