/*
 * AWS managed policies whose documents are known: what SAM attaches by itself, and the ones that say "everything".
 * AWS may publish a new version at any time; the version and its date say what was looked at.  Every other managed
 * policy may allow anything.
 */
#include "iam/iam_priv.h"

#define LOGS "logs:CreateLogGroup logs:CreateLogStream logs:PutLogEvents"
#define INTERFACES                                                                             \
	"ec2:CreateNetworkInterface ec2:DescribeNetworkInterfaces ec2:DeleteNetworkInterface " \
	"ec2:AssignPrivateIpAddresses ec2:UnassignPrivateIpAddresses"

#define XRAY                                                                                            \
	"xray:PutTraceSegments xray:PutTelemetryRecords xray:GetSamplingRules xray:GetSamplingTargets " \
	"xray:GetSamplingStatisticSummaries"

/* https://docs.aws.amazon.com/aws-managed-policy/latest/reference/, one page per name.  Each allows its actions on
 * every resource without conditions. */
static const struct iam_managed policies[] = {
	{"service-role/AWSLambdaBasicExecutionRole", "v1", "2015-04-09", LOGS},
	{"service-role/AWSLambdaVPCAccessExecutionRole", "v3", "2024-01-05", LOGS " ec2:DescribeSubnets " INTERFACES},
	{"service-role/AWSLambdaENIManagementAccess", "v2", "2020-10-01", INTERFACES},
	{"AWSXRayDaemonWriteAccess", "v2", "2024-02-13", XRAY},
	{"AWSXrayWriteOnlyAccess", "v2", "2018-08-28", XRAY},
	{"service-role/AWSLambdaSQSQueueExecutionRole", "v1", "2018-06-14",
	 LOGS " sqs:ReceiveMessage sqs:DeleteMessage sqs:GetQueueAttributes"},
	{"service-role/AWSLambdaKinesisExecutionRole", "v2", "2018-11-19",
	 LOGS " kinesis:DescribeStream kinesis:DescribeStreamSummary kinesis:GetRecords kinesis:GetShardIterator "
	      "kinesis:ListShards kinesis:ListStreams kinesis:SubscribeToShard"},
	{"service-role/AWSLambdaDynamoDBExecutionRole", "v1", "2015-04-09",
	 LOGS " dynamodb:DescribeStream dynamodb:GetRecords dynamodb:GetShardIterator dynamodb:ListStreams"},
	{"service-role/AWSLambdaMSKExecutionRole", "v2", "2022-08-02",
	 LOGS " kafka:DescribeCluster kafka:DescribeClusterV2 kafka:GetBootstrapBrokers ec2:CreateNetworkInterface "
	      "ec2:DescribeNetworkInterfaces ec2:DescribeVpcs ec2:DeleteNetworkInterface ec2:DescribeSubnets "
	      "ec2:DescribeSecurityGroups"},
	{"service-role/AWSLambdaBasicDurableExecutionRolePolicy", "v3", "2026-02-12",
	 LOGS " lambda:CheckpointDurableExecution lambda:GetDurableExecutionState"},
	{"AdministratorAccess", "v1", "2015-02-06", "*"},
};

const struct iam_managed *iam_managed_find(struct sg_str name)
{
	for (size_t k = 0; k < sizeof(policies) / sizeof(*policies); k++)
		if (sg_str_is(name, policies[k].name))
			return &policies[k];
	return NULL;
}
