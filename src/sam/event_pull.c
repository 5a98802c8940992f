/*
 * Events that Lambda reads from a source by itself: queues, streams, brokers, clusters.  Each is an event source mapping,
 * and what the function's role must be allowed for it.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html
 */
#include "sam/sam_priv.h"

static const struct {
	const char *type, *source; /* the property that names it */
	const char *managed;       /* the policy that the role gets, or NULL */
} sources[] = {
	{"DocumentDB", "Cluster", NULL},
	{"DynamoDB", "Stream", "service-role/AWSLambdaDynamoDBExecutionRole"},
	{"Kinesis", "Stream", "service-role/AWSLambdaKinesisExecutionRole"},
	{"MQ", "Broker", NULL},
	{"MSK", "Stream", "service-role/AWSLambdaMSKExecutionRole"},
	{"SQS", "Queue", "service-role/AWSLambdaSQSQueueExecutionRole"},
	{"SelfManagedKafka", NULL, NULL},
};

static const char *const copied[] = {"StartingPosition",
				     "StartingPositionTimestamp",
				     "BatchSize",
				     "Enabled",
				     "MaximumBatchingWindowInSeconds",
				     "MaximumRetryAttempts",
				     "BisectBatchOnFunctionError",
				     "MaximumRecordAgeInSeconds",
				     "ParallelizationFactor",
				     "Topics",
				     "Queues",
				     "SourceAccessConfigurations",
				     "TumblingWindowInSeconds",
				     "FunctionResponseTypes",
				     "FilterCriteria",
				     "KmsKeyArn",
				     "ScalingConfig",
				     "ProvisionedPollerConfig",
				     "MetricsConfig",
				     "LoggingConfig"};

static size_t source_of(const char *type)
{
	size_t i = 0;
	while (!sg_str_is(sg_str(type), sources[i].type))
		i++;
	return i;
}

/* ------------------------------------------------------------------------------------------------ the mapping */

static void check_filter(struct sam *s, struct event *e, struct val *filter)
{
	if (!truthy(filter) || is_intrinsic(filter))
		return;
	if (filter->n != 1 || !has(filter, "Filters"))
		sam_fail_event(s, e->name, filter, "FilterCriteria has nothing but Filters");
}

/* What Kafka's two kinds have of their own. */
static void kafka_config(struct sam *s, struct event *e, const char *type, struct val *props, struct res *r)
{
	struct val *group = get(props, "ConsumerGroupId"), *registry = get(props, "SchemaRegistryConfig");
	bool msk = sg_str_is(sg_str(type), "MSK"), own = sg_str_is(sg_str(type), "SelfManagedKafka");
	if (truthy(group) && !msk && !own)
		sam_fail_event(s, e->id, group, "events of type %s have no ConsumerGroupId", type);
	if ((!truthy(group) && !truthy(registry)) || (!msk && !own))
		return;
	res_set(s, r, msk ? "AmazonManagedKafkaEventSourceConfig" : "SelfManagedKafkaEventSourceConfig",
		make(s, e->from, "{'ConsumerGroupId':%v,'SchemaRegistryConfig':%v}", truthy(group) ? group : NULL,
		     truthy(registry) ? registry : NULL));
}

static void documentdb_config(struct sam *s, struct event *e, const char *type, struct val *props, struct res *r)
{
	struct val *collection = get(props, "CollectionName"), *full = get(props, "FullDocument");
	if (sg_str_is(sg_str(type), "DocumentDB"))
		res_set(s, r, "DocumentDBEventSourceConfig",
			make(s, e->from, "{'DatabaseName':%v,'CollectionName':%v,'FullDocument':%v}",
			     get(props, "DatabaseName"), truthy(collection) ? collection : NULL,
			     truthy(full) ? full : NULL));
}

/* Where records go that the function fails on: the policy that sending them needs, or NULL. */
static struct val *failure_destination(struct sam *s, struct event *e, struct val *props, struct res *r)
{
	static const char *const types[] = {"SQS", "SNS", "S3", "Kafka", NULL};
	struct val *config = get(props, "DestinationConfig"), *failure = get(config, "OnFailure");
	if (!truthy(config))
		return NULL;
	if (!is_map(failure))
		sam_fail_event(s, e->id, config, "'DestinationConfig.OnFailure' should be a map");
	struct val *type = get(failure, "Type"), *arn = get(failure, "Destination");
	struct val *clean = val_shallow(s, config), *inner = val_shallow(s, failure);
	if (truthy(type)) {
		if (!is_one_of(type, types))
			sam_fail_event(s, e->id, type, "the Type of a destination is SQS, SNS, S3 or Kafka");
		del(inner, SG_LIT("Type"));
		set(s, clean, "OnFailure", inner);
	}
	res_set(s, r, "DestinationConfig", clean);
	if (is(type, "SQS"))
		return inline_policy(s, e->from, fmt(s, "%sSQSPolicy", r->id), "sqs:SendMessage", arn);
	if (is(type, "SNS"))
		return inline_policy(s, e->from, fmt(s, "%sSNSPolicy", r->id), "sns:publish", arn);
	return is(type, "S3") ? s3_policy(s, e->from, r->id, arn) : NULL;
}

/* ------------------------------------------------------------------------------------------------ the role */

static bool has_document(const struct val *policies, const struct val *policy)
{
	for (size_t i = 0; is_list(policies) && i < policies->n; i++)
		if (equal(get(policies->items[i], "PolicyDocument"), get(policy, "PolicyDocument")))
			return true;
	return false;
}

static void add_policy(struct sam *s, struct res *role, struct val *policy)
{
	struct val *policies = get(role->props, "Policies");
	if (!policies)
		res_set(s, role, "Policies", policies = val_list(s, policy->node));
	if (!has_document(policies, policy))
		push(s, policies, policy);
}

static void link_role(struct sam *s, struct event *e, size_t source, struct val *policies, struct val *destination)
{
	struct res *role = e->target->role;
	if (sources[source].managed) {
		struct val *arn = managed_policy(s, e->from, sources[source].managed);
		struct val *list = get(role->props, "ManagedPolicyArns");
		if (!contains(list, arn))
			push(s, list, arn);
	}
	for (size_t i = 0; policies && i < policies->n; i++)
		add_policy(s, role, policies->items[i]);
	if (destination)
		add_policy(s, role, destination);
}

void event_mapping(struct sam *s, struct event *e, const char *id, const char *type, struct val *source,
		   struct val *props)
{
	struct res *r = res_new(s, e->macro, id, "AWS::Lambda::EventSourceMapping", e->from);
	struct val *servers = get(props, "KafkaBootstrapServers");
	res_set(s, r, "FunctionName", e->target->name);
	res_set(s, r, "EventSourceArn", source);
	for (size_t i = 0; i < sizeof(copied) / sizeof(*copied); i++)
		res_set(s, r, copied[i], get(props, copied[i]));
	check_filter(s, e, get(props, "FilterCriteria"));
	if (truthy(servers))
		res_set(s, r, "SelfManagedEventSource",
			make(s, servers->node, "{'Endpoints':{'KafkaBootstrapServers':%v}}", servers));
	kafka_config(s, e, type, props, r);
	struct val *destination = failure_destination(s, e, props, r);
	documentdb_config(s, e, type, props, r);
	made(s, e->macro, r);
	struct event with = *e;
	with.props = props;
	link_role(s, e, source_of(type), pull_policies(s, &with, type), destination);
}

void event_pull(struct sam *s, struct event *e)
{
	const char *type = cstr(s, get(e->dict, "Type"));
	const char *property = sources[source_of(type)].source;
	event_mapping(s, e, e->id, type, property ? get(e->props, property) : NULL, e->props);
}
