/*
 * evidence.c - which lines of the rendered template make a rule hold: the table behind SANDBOX.md.
 *
 * A line is here only if the rule no longer passes without it, or, of a limit, with a larger value:
 * tests/golden/page.py does that to each of them and asks the audit.  What holds because something is absent, or by
 * CloudFormation's own default, is told in words.
 */
#include "render/render_priv.h"

#define NO_NOTE NULL

const struct sg_evidence sg_evidence[] = {
	{"NET001", "ExecutorFunction*", "VpcConfig", NO_NOTE},
	{"NET002", "SandboxRouteTableAssociation*", "RouteTableId", NO_NOTE},
	{"NET002", NULL, NULL,
	 "and that table gets no `AWS::EC2::Route` and no propagation: there is none in the template"},
	{"NET003", "ExecutorSecurityGroup", "SecurityGroupEgress", NO_NOTE},
	{"NET003", "ExecutorSecurityGroup", "SecurityGroupEgress/0/CidrIp", NO_NOTE},
	{"NET004", "SandboxVpc", "EnableDnsSupport", NO_NOTE},
	{"NET005", NULL, NULL, "there is no `AWS::EC2::VPCEndpoint` in the template"},
	{"NET006", "SandboxRouteTableAssociation*", NULL, NO_NOTE},
	{"NET007", "SandboxNetworkAclAssociation*", "NetworkAclId", NO_NOTE},
	{"NET007", NULL, NULL, "and that list gets no `AWS::EC2::NetworkAclEntry`: it denies every packet"},
	{"NET008", "ExecutorFunction*", "VpcConfig/SubnetIds", NO_NOTE},
	{"NET008", NULL, NULL, "and NET002, NET003, NET007: each closes every path by itself"},
	{"NET009", NULL, NULL, "nothing else in the template has an interface in the VPC"},
	{"NET010", NULL, NULL, "no custom resource, no unknown type and no macro is in the template"},
	{"NET011", "DefaultSecurityGroupEgress", "GroupId", NO_NOTE},
	{"NET011", "DefaultSecurityGroupEgress", "CidrIp", NO_NOTE},
	{"NET012", NULL, NULL, "no subnet has `MapPublicIpOnLaunch: true` or an IPv6 range"},

	{"IAM001", "ExecutorRole", NULL, NO_NOTE},
	{"IAM002", "ExecutorRole", "Policies/0/PolicyDocument/Statement/0/Action", NO_NOTE},
	{"IAM002", "ExecutorRole", "Policies/1/PolicyDocument/Statement/0/Action", NO_NOTE},
	{"IAM002", "ExecutorRole", "Policies/1/PolicyDocument/Statement/1/Action", NO_NOTE},
	{"IAM003", "ExecutorRole", "Policies/0/PolicyDocument/Statement/0/Resource", NO_NOTE},
	{"IAM003", "ExecutorRole", "Policies/1/PolicyDocument/Statement/1/Resource", NO_NOTE},
	{"IAM004", NULL, NULL, "the role has no `ManagedPolicyArns`, and no `AWS::IAM::ManagedPolicy` names it"},
	{"IAM005", "ExecutorRole", "AssumeRolePolicyDocument/Statement/0/Principal", NO_NOTE},
	{"IAM006", "ExecutorRole", "Policies/2/PolicyDocument/Statement/0/Effect", NO_NOTE},
	{"IAM006", "ExecutorRole", "Policies/2/PolicyDocument/Statement/0/NotAction", NO_NOTE},
	{"IAM006", "ExecutorRole", "Policies/0/PolicyDocument/Statement/0/Resource", NO_NOTE},
	{"IAM007", "ExecutorRole", "Policies/0/PolicyDocument/Statement/0/Resource", NO_NOTE},
	{"IAM007", "ExecutorRole", "Policies/1/PolicyDocument/Statement/0/Action", NO_NOTE},
	{"IAM007", "ExecutorRole", "Policies/1/PolicyDocument/Statement/1/Action", NO_NOTE},
	{"IAM007", "ExecutorRole", "Policies/1/PolicyDocument/Statement/1/Resource", NO_NOTE},
	{"IAM008", NULL, NULL, "no other resource of the template adds to the role"},
	{"IAM009", NULL, NULL, "every policy document was read as IAM's grammar says"},
	{"IAM010", "ExecutorRole", "Policies/0", NO_NOTE},
	{"IAM010", "ExecutorRole", "Policies/1", NO_NOTE},

	{"LIM001", "ExecutorFunction*", "MemorySize", NO_NOTE},
	{"LIM002", "ExecutorFunction*", "Timeout", NO_NOTE},
	{"LIM003", "ExecutorFunction*", "EphemeralStorage/Size", NO_NOTE},
	{"LIM004", "ExecutorFunction*", "ReservedConcurrentExecutions", "the specification asks for no reservation"},

	{"FUN001", "ExecutorFunction*", "Environment/Variables/AWS_LAMBDA_EXEC_WRAPPER", NO_NOTE},
	{"FUN002", "ExecutorFunction*", "Runtime", NO_NOTE},
	{"FUN003", NULL, NULL, "the function has no `PackageType: Image` and no `ImageConfig`"},
	{"FUN004", NULL, NULL, "the function has no `FileSystemConfigs`"},
	{"FUN005", NULL, NULL,
	 "no URL, no event, and no `AWS::Lambda::Permission` beside what the specification asks for"},
	{"FUN006", NULL, NULL, "the one variable is the path of the executor"},
	{"FUN007", NULL, NULL, "the function has no `Layers`"},
	{"FUN008", NULL, NULL, "there is no `AutoPublishAlias` and no `AWS::Lambda::Version`"},
	{"FUN009", "ExecutorFunction*", "EventInvokeConfig/MaximumRetryAttempts", NO_NOTE},
	{"FUN010", NULL, NULL, "the function has no `CapacityProviderConfig`, `SnapStart` or `DurableConfig`"},
	{"FUN011", NULL, NULL, "`RecursiveLoop` is not `Allow`"},
	{"FUN012", "ExecutorFunction*", "TenancyConfig/TenantIsolationMode",
	 "the specification asks for no isolation of tenants"},
	{"FUN013", NULL, NULL, "each property of the function is one that the audit knows"},

	{"OUT001", NULL, NULL, "`Tracing` is not `Active`"},
	{"OUT002", NULL, NULL, "there is no destination and no dead-letter queue"},
	{"OUT003", NULL, NULL, "there is no subscription, no destination and no delivery of the function's logs"},

	{"LOG001", "ExecutorFunction*", "LoggingConfig/LogGroup", NO_NOTE},
	{"LOG002", "ExecutorLogGroup", "RetentionInDays", NO_NOTE},

	{"TPL001", NULL, NULL, "libyaml and libfyaml read the file alike"},
	{"TPL002", NULL, NULL, "the one transform is `AWS::Serverless-2016-10-31`, whose expansion is known"},
	{"TPL003", NULL, NULL, "the analysis reached none of its bounds"},
	{"TPL004", NULL, NULL, "the function was judged"},
	{"TPL005", NULL, NULL, "each reference has its resource, and each intrinsic is known"},
	{NULL, NULL, NULL, NULL},
};
