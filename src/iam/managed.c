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

/* https://docs.aws.amazon.com/aws-managed-policy/latest/reference/, one page per name.  Each allows its actions on
 * every resource without conditions. */
static const struct iam_managed policies[] = {
	{"service-role/AWSLambdaBasicExecutionRole", "v1", "2015-04-09", LOGS},
	{"service-role/AWSLambdaVPCAccessExecutionRole", "v3", "2024-01-05", LOGS " ec2:DescribeSubnets " INTERFACES},
	{"service-role/AWSLambdaENIManagementAccess", "v2", "2020-10-01", INTERFACES},
	{"AWSXRayDaemonWriteAccess", "v2", "2024-02-13",
	 "xray:PutTraceSegments xray:PutTelemetryRecords xray:GetSamplingRules xray:GetSamplingTargets "
	 "xray:GetSamplingStatisticSummaries"},
	{"AdministratorAccess", "v1", "2015-02-06", "*"},
};

const struct iam_managed *iam_managed_find(struct sg_str name)
{
	for (size_t k = 0; k < sizeof(policies) / sizeof(*policies); k++)
		if (sg_str_is(name, policies[k].name))
			return &policies[k];
	return NULL;
}
