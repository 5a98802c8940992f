/*
 * The event types of functions and state machines: their properties and what expands them.
 * https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-eventsource.html
 */
#include "sam/sam_priv.h"

static const struct prop props_schedule[] = {
	{"Schedule", T_STR | T_REQUIRED},
	{"RuleName", T_STR},
	{"Input", T_STR},
	{"Enabled", T_BOOL},
	{"State", T_STR},
	{"Name", T_STR},
	{"Description", T_STR},
	{"DeadLetterConfig", T_MAP},
	{"RetryPolicy", T_MAP},
	{NULL, 0},
};

static const struct prop props_rule[] = {
	{"EventBusName", T_STR}, {"RuleName", T_STR}, {"Pattern", T_MAP},          {"DeadLetterConfig", T_MAP},
	{"RetryPolicy", T_MAP},  {"Input", T_STR},    {"InputPath", T_STR},        {"Target", T_MAP},
	{"Enabled", T_BOOL},     {"State", T_STR},    {"InputTransformer", T_MAP}, {NULL, 0},
};

static const struct prop props_s3[] = {
	{"Bucket", T_STR | T_REQUIRED},
	{"Events", T_STR | T_LIST | T_OF_STR | T_REQUIRED | T_NO_INTRINSIC},
	{"Filter", T_MAP | T_OF_STR},
	{NULL, 0},
};

static const struct prop props_sns[] = {
	{"Topic", T_STR | T_REQUIRED},
	{"Region", T_STR},
	{"FilterPolicy", T_ANY},
	{"FilterPolicyScope", T_ANY},
	{"SqsSubscription", T_MAP | T_BOOL},
	{"RedrivePolicy", T_MAP},
	{NULL, 0},
};

static const struct prop props_api[] = {
	{"Path", T_STR | T_REQUIRED},
	{"Method", T_STR | T_REQUIRED},
	{"RestApiId", T_STR | T_REQUIRED},
	{"Stage", T_STR},
	{"Auth", T_MAP},
	{"RequestModel", T_MAP},
	{"RequestParameters", T_LIST},
	{"TimeoutInMillis", T_INT},
	{"ResponseTransferMode", T_STR},
	{NULL, 0},
};

static const struct prop props_alexa[] = {
	{"SkillId", T_STR},
	{NULL, 0},
};

static const struct prop props_iot[] = {
	{"Sql", T_STR | T_REQUIRED},
	{"AwsIotSqlVersion", T_STR},
	{NULL, 0},
};

static const struct prop props_cognito[] = {
	{"UserPool", T_STR | T_REQUIRED},
	{"Trigger", T_STR | T_LIST | T_OF_STR | T_REQUIRED | T_NO_INTRINSIC},
	{NULL, 0},
};

static const struct prop props_http_api[] = {
	{"Path", T_STR}, {"Method", T_STR},          {"ApiId", T_STR},         {"Stage", T_STR},
	{"Auth", T_MAP}, {"TimeoutInMillis", T_INT}, {"RouteSettings", T_MAP}, {"PayloadFormatVersion", T_STR},
	{NULL, 0},
};

static const struct prop props_logs[] = {
	{"LogGroupName", T_STR | T_REQUIRED},
	{"FilterPattern", T_STR | T_REQUIRED},
	{NULL, 0},
};

static const struct prop props_scheduler[] = {
	{"PermissionsBoundary", T_STR},
	{"ScheduleExpression", T_STR | T_REQUIRED},
	{"FlexibleTimeWindow", T_MAP},
	{"Name", T_STR},
	{"State", T_STR},
	{"Description", T_STR},
	{"StartDate", T_STR},
	{"EndDate", T_STR},
	{"ScheduleExpressionTimezone", T_STR},
	{"GroupName", T_STR},
	{"KmsKeyArn", T_STR},
	{"Input", T_STR},
	{"RoleArn", T_STR},
	{"DeadLetterConfig", T_MAP},
	{"RetryPolicy", T_MAP},
	{"OmitName", T_BOOL | T_NO_INTRINSIC},
	{NULL, 0},
};

/* What every event source mapping has: SAM hands these on to AWS::Lambda::EventSourceMapping. */
#define POLLED_PROPS(starting_position)                                                                          \
	{"BatchSize", T_INT}, {"StartingPosition", starting_position}, {"StartingPositionTimestamp", T_ANY},     \
		{"Enabled", T_BOOL}, {"MaximumBatchingWindowInSeconds", T_INT}, {"MaximumRetryAttempts", T_INT}, \
		{"BisectBatchOnFunctionError", T_BOOL}, {"MaximumRecordAgeInSeconds", T_INT},                    \
		{"DestinationConfig", T_MAP}, {"ParallelizationFactor", T_INT}, {"Topics", T_LIST},              \
		{"Queues", T_LIST}, {"SourceAccessConfigurations", T_LIST}, {"SecretsManagerKmsKeyId", T_STR},   \
		{"TumblingWindowInSeconds", T_INT}, {"FunctionResponseTypes", T_LIST},                           \
		{"KafkaBootstrapServers", T_LIST}, {"FilterCriteria", T_MAP}, {"KmsKeyArn", T_ANY},              \
		{"ConsumerGroupId", T_STR}, {"ScalingConfig", T_MAP}, {"ProvisionedPollerConfig", T_MAP},        \
		{"SchemaRegistryConfig", T_MAP}, {"MetricsConfig", T_MAP},                                       \
	{                                                                                                        \
		"LoggingConfig", T_MAP                                                                           \
	}

static const struct prop props_kinesis[] = {
	POLLED_PROPS(T_REQUIRED | T_NO_INTRINSIC),
	{"Stream", T_REQUIRED | T_NO_INTRINSIC},
	{NULL, 0},
};

static const struct prop props_sqs[] = {
	POLLED_PROPS(T_ANY),
	{"Queue", T_REQUIRED | T_NO_INTRINSIC},
	{NULL, 0},
};

static const struct prop props_msk[] = {
	POLLED_PROPS(T_REQUIRED | T_NO_INTRINSIC),
	{"Stream", T_REQUIRED | T_NO_INTRINSIC},
	{NULL, 0},
};

static const struct prop props_mq[] = {
	POLLED_PROPS(T_ANY),
	{"Broker", T_REQUIRED | T_NO_INTRINSIC},
	{"DynamicPolicyName", T_BOOL | T_NO_INTRINSIC},
	{NULL, 0},
};

static const struct prop props_kafka[] = {
	POLLED_PROPS(T_ANY),
	{NULL, 0},
};

static const struct prop props_documentdb[] = {
	POLLED_PROPS(T_ANY),
	{"Cluster", T_REQUIRED | T_NO_INTRINSIC},
	{"DatabaseName", T_REQUIRED | T_NO_INTRINSIC},
	{"CollectionName", T_ANY},
	{"FullDocument", T_ANY},
	{NULL, 0},
};

static const struct prop props_machine_schedule[] = {
	{"Schedule", T_STR | T_REQUIRED},
	{"Input", T_STR},
	{"Enabled", T_BOOL},
	{"State", T_STR},
	{"Name", T_STR},
	{"Description", T_STR},
	{"DeadLetterConfig", T_MAP},
	{"RetryPolicy", T_MAP},
	{"Target", T_MAP | T_NO_INTRINSIC},
	{"RoleArn", T_STR | T_NO_INTRINSIC},
	{NULL, 0},
};

static const struct prop props_machine_rule[] = {
	{"EventBusName", T_STR},
	{"RuleName", T_STR},
	{"Pattern", T_MAP},
	{"Input", T_STR},
	{"InputPath", T_STR},
	{"DeadLetterConfig", T_MAP},
	{"RetryPolicy", T_MAP},
	{"State", T_STR},
	{"Target", T_MAP | T_NO_INTRINSIC},
	{"InputTransformer", T_MAP},
	{NULL, 0},
};

static const struct prop props_machine_api[] = {
	{"Path", T_STR | T_REQUIRED},
	{"Method", T_STR | T_REQUIRED},
	{"RestApiId", T_STR | T_REQUIRED},
	{"Stage", T_STR},
	{"Auth", T_MAP},
	{"UnescapeMappingTemplate", T_BOOL | T_NO_INTRINSIC},
	{NULL, 0},
};

/* In the order of their names. */
const struct event_kind function_event_kinds[] = {
	{"AlexaSkill", props_alexa, NULL, event_alexa},
	{"Api", props_api, event_api_link, event_api},
	{"CloudWatchEvent", props_rule, NULL, event_rule},
	{"CloudWatchLogs", props_logs, NULL, event_logs},
	{"Cognito", props_cognito, event_cognito_link, event_cognito},
	{"DocumentDB", props_documentdb, NULL, event_pull},
	{"DynamoDB", props_kinesis, NULL, event_pull},
	{"EventBridgeRule", props_rule, NULL, event_rule},
	{"HttpApi", props_http_api, event_http_api_link, event_http_api},
	{"IoTRule", props_iot, NULL, event_iot},
	{"Kinesis", props_kinesis, NULL, event_pull},
	{"MQ", props_mq, NULL, event_pull},
	{"MSK", props_msk, NULL, event_pull},
	{"S3", props_s3, event_s3_link, event_s3},
	{"SNS", props_sns, NULL, event_sns},
	{"SQS", props_sqs, NULL, event_pull},
	{"Schedule", props_schedule, NULL, event_schedule},
	{"ScheduleV2", props_scheduler, NULL, event_scheduler},
	{"SelfManagedKafka", props_kafka, NULL, event_pull},
	{NULL, NULL, NULL, NULL},
};

const struct event_kind machine_event_kinds[] = {
	{"Api", props_machine_api, event_api_link, event_machine_api},
	{"CloudWatchEvent", props_machine_rule, NULL, event_machine_rule},
	{"EventBridgeRule", props_machine_rule, NULL, event_machine_rule},
	{"Schedule", props_machine_schedule, NULL, event_machine_schedule},
	{"ScheduleV2", props_scheduler, NULL, event_scheduler},
	{NULL, NULL, NULL, NULL},
};
