/*
 * The Events of a function: for each, what lets its source invoke the function - a permission for a service, or an
 * event source mapping.  The sources themselves (APIs, rules, subscriptions) are not made here.
 */
#include "sam/sam_priv.h"

/* A service that is permitted to invoke, or NULL for an event source mapping.
 * https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-eventsource.html */
static const struct {
	const char *type, *principal;
} sources[] = {
	{"AlexaSkill", "alexa-appkit.amazon.com"},
	{"Api", "apigateway.amazonaws.com"},
	{"CloudWatchEvent", "events.amazonaws.com"},
	{"CloudWatchLogs", "logs.amazonaws.com"},
	{"Cognito", "cognito-idp.amazonaws.com"},
	{"DocumentDB", NULL},
	{"DynamoDB", NULL},
	{"EventBridgeRule", "events.amazonaws.com"},
	{"HttpApi", "apigateway.amazonaws.com"},
	{"IoTRule", "iot.amazonaws.com"},
	{"Kinesis", NULL},
	{"MQ", NULL},
	{"MSK", NULL},
	{"S3", "s3.amazonaws.com"},
	{"SNS", "sns.amazonaws.com"},
	{"SQS", NULL},
	{"Schedule", "events.amazonaws.com"},
	{"ScheduleV2", "scheduler.amazonaws.com"},
	{"SelfManagedKafka", NULL},
};

static const struct sg_node *source_arn(const struct sg_node *props)
{
	static const char *const keys[] = {"Queue", "Stream", "Cluster", "Broker"};
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (sg_node_get(props, keys[i]))
			return sg_node_get(props, keys[i]);
	return NULL;
}

static void mapping(struct sam *s, const struct sam_function *f, struct sg_str name, const struct sg_node *event)
{
	const struct sg_node *props = sg_node_get(event, "Properties");
	const struct sg_node *made =
		sam_map(s, event, "FunctionName", sam_ref(s, f->id, event), "EventSourceArn", source_arn(props), NULL);
	sam_resource(s, f, sg_strf(s->arena, "%.*s%.*s", SG_FMT(f->id), SG_FMT(name)),
		     "AWS::Lambda::EventSourceMapping", made, event);
}

static void permission(struct sam *s, const struct sam_function *f, struct sg_str name, const struct sg_node *event,
		       const char *principal)
{
	const struct sg_node *props =
		sam_map(s, event, "Action", sam_text(s, "lambda:InvokeFunction", event), "FunctionName",
			sam_ref(s, f->id, event), "Principal", sam_text(s, principal, event), NULL);
	sam_resource(s, f, sg_strf(s->arena, "%.*s%.*sPermission", SG_FMT(f->id), SG_FMT(name)),
		     "AWS::Lambda::Permission", props, event);
}

static void event(struct sam *s, const struct sam_function *f, const struct sg_member *m)
{
	const struct sg_node *type = sg_node_get(m->value, "Type");
	for (size_t i = 0; type && type->kind == SG_SCALAR && i < sizeof(sources) / sizeof(*sources); i++) {
		if (!sg_str_is(type->text, sources[i].type))
			continue;
		if (sources[i].principal)
			permission(s, f, m->key->text, m->value, sources[i].principal);
		else
			mapping(s, f, m->key->text, m->value);
		return;
	}
	sam_complain(s, type ? type : m->key, SG_FAIL, f->id, "event '%.*s' has no type that SAM knows",
		     SG_FMT(m->key->text));
}

void sam_events(struct sam *s, const struct sam_function *f)
{
	const struct sg_node *events = sg_node_get(f->props, "Events");
	if (!events)
		return;
	if (events->kind != SG_MAP || sam_is_intrinsic(events)) {
		sam_complain(s, events, SG_UNPROVEN, f->id, "the events of the function are not known offline");
		return;
	}
	for (size_t i = 0; i < events->n; i++)
		event(s, f, &events->members[i]);
}
