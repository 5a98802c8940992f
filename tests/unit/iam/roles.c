/* Unit tests of iam/: whole roles against the rules, in both directions. */
#include "roles.h"

/* ---------------------------------------------------------------------------------------------- the rendered role */

START_TEST(the_rendered_role_passes)
{
	struct judged *j = judge(ROLE_OK);
	expect(j, "rendered", IAM_ALL_PASS);
	ck_assert_uint_eq(j->l.findings.list.n, 0);
	sg_arena_free(j->l.arena);
}
END_TEST

#define LOGS_ON(resource)                                                                                        \
	"              - {Effect: Allow, Action: [logs:CreateLogStream, logs:PutLogEvents], Resource: " resource \
	"}\n" READS_OK CHANGES_OK DENY_OK
#define ARN "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:"

/* Other spellings of the same. */
START_TEST(equivalent_roles_pass)
{
	static const char *const rows[] = {
		LOGS_ON("!Sub '${Logs.Arn}'"),
		LOGS_ON("!Sub '${Logs.Arn}:*'"),
		LOGS_ON("!Sub '" ARN "/sandboxgen/executor:*'"),
		LOGS_ON("!Sub '" ARN "/sandboxgen/executor:log-stream:*'"),
		LOGS_ON("!Sub '" ARN "${Logs}:*'"),
		LOGS_ON("[!GetAtt Logs.Arn, !Sub '" ARN "/sandboxgen/executor']"),
		LOGS_ON("!Sub "
			"'arn:aws:logs:${AWS::Region}:${AWS::AccountId}:log-group:/sandboxgen/executor:*'"),
		LOGS_ON("!Join ['', [!GetAtt Logs.Arn]]"),
		"              - {Effect: Allow, Action: LOGS:createlogstream, Resource: !GetAtt Logs.Arn}\n"
		"              - {Effect: Allow, Action: logs:PutLogEvents, Resource: !GetAtt "
		"Logs.Arn}\n" READS_OK CHANGES_OK DENY_OK,
		ROLE_OK "              - {Effect: Deny, Action: 's3:*', Resource: '*'}\n",
		LOGS_OK READS_OK CHANGES_OK "              - {Effect: Deny, NotAction: [logs:createlogstream, "
					    "'LOGS:PutLogEvents'], Resource: '*', Condition: "
					    "{'null': {'Lambda:sourcefunctionarn': [false]}}}\n",
		LOGS_OK CHANGES_OK DENY_OK
		"              - {Effect: Allow, Action: [ec2:DescribeNetworkInterfaces, ec2:DescribeSubnets], "
		"Resource: '*', "
		"Condition: {'Null': {'lambda:SourceFunctionArn': 'true'}}}\n",
	};
	for (size_t k = 0; k < sizeof(rows) / sizeof(*rows); k++) {
		struct judged *j = judge(rows[k]);
		expect(j, rows[k], IAM_ALL_PASS);
		sg_arena_free(j->l.arena);
	}
}
END_TEST

/* ---------------------------------------------------------------------------------------------- weakened */

#define DENY_WITH(not_action, resource, operator, key, value)                     \
	LOGS_OK READS_OK CHANGES_OK "              - Effect: Deny\n"              \
				    "                NotAction: " not_action "\n" \
				    "                Resource: " resource "\n"    \
				    "                Condition: {'"               \
				    operator"': {'" key "': " value "}}\n"
#define LOG_ACTIONS "[logs:CreateLogStream, logs:PutLogEvents]"
#define SFA "lambda:SourceFunctionArn"
#define PLUS(statement) ROLE_OK "              - " statement "\n"

START_TEST(each_weakening_is_seen)
{
	static const struct {
		const char *name, *statements, *want;
	} rows[] = {
		{"no deny", LOGS_OK READS_OK CHANGES_OK, "IAM006:fail IAM007:fail IAM010:pass"},
		{"no logs", READS_OK CHANGES_OK DENY_OK, "IAM006:pass IAM007:pass IAM010:fail"},
		{"no reads", LOGS_OK CHANGES_OK DENY_OK, "IAM006:pass IAM007:pass IAM010:fail"},
		{"no changes", LOGS_OK READS_OK DENY_OK, "IAM006:pass IAM007:pass IAM010:fail"},
		{"condition true", DENY_WITH(LOG_ACTIONS, "'*'", "Null", SFA, "'true'"), "IAM006:fail IAM010:fail"},
		{"condition boolean false", DENY_WITH(LOG_ACTIONS, "'*'", "Null", SFA, "false"), IAM_ALL_PASS},
		{"both values", DENY_WITH(LOG_ACTIONS, "'*'", "Null", SFA, "['true', 'false']"), "IAM006:unproven"},
		{"another key", DENY_WITH(LOG_ACTIONS, "'*'", "Null", "aws:SourceArn", "'false'"), "IAM006:fail"},
		{"another operator", DENY_WITH(LOG_ACTIONS, "'*'", "StringEquals", SFA, "'false'"), "IAM006:fail"},
		{"the documented deny", DENY_WITH(LOG_ACTIONS, "'*'", "ArnEquals", SFA, "!GetAtt Fn.Arn"),
		 "IAM006:fail"},
		{"ForAllValues", DENY_WITH(LOG_ACTIONS, "'*'", "ForAllValues:StringLike", SFA, "'*'"),
		 "IAM006:pass IAM010:fail"}, /* true without the key, too: it denies Lambda's own calls */
		{"StringLike *", DENY_WITH(LOG_ACTIONS, "'*'", "StringLike", SFA, "'*'"), "IAM006:pass IAM010:pass"},
		{"StringLike ?*", DENY_WITH(LOG_ACTIONS, "'*'", "StringLike", SFA, "'?a*'"), "IAM006:fail"},
		{"wider NotAction",
		 DENY_WITH("[logs:CreateLogStream, logs:PutLogEvents, 'ec2:Describe*']", "'*'", "Null", SFA, "'false'"),
		 "IAM006:fail IAM007:fail"},
		{"a hole that no statement uses", DENY_WITH("'logs:*'", "'*'", "Null", SFA, "'false'"),
		 "IAM006:fail IAM007:pass"},
		{"a hole in the resources", DENY_WITH(LOG_ACTIONS, "['arn:aws:*', '*:ec2:*']", "Null", SFA, "'false'"),
		 "IAM006:fail"},
		{"NotAction *", DENY_WITH("'*'", "'*'", "Null", SFA, "'false'"), "IAM006:fail"},
		{"NotAction of a symbol",
		 DENY_WITH("[!Ref AWS::StackName, logs:PutLogEvents]", "'*'", "Null", SFA, "'false'"), "IAM010:fail"},
		{"narrower Resource", DENY_WITH(LOG_ACTIONS, "'arn:aws:ec2:*'", "Null", SFA, "'false'"), "IAM006:fail"},
		{"Resource of two readings", DENY_WITH(LOG_ACTIONS, "'arn:*'", "Null", SFA, "'false'"), "IAM006:fail"},
		{"without condition",
		 LOGS_OK READS_OK CHANGES_OK "              - {Effect: Deny, NotAction: " LOG_ACTIONS
					     ", Resource: '*'}\n",
		 "IAM006:pass IAM010:fail"},
		{"Action instead of NotAction",
		 LOGS_OK READS_OK CHANGES_OK "              - {Effect: Deny, Action: " LOG_ACTIONS
					     ", Resource: '*', Condition: {'Null': {'" SFA "': 'false'}}}\n",
		 "IAM006:fail"},
		{"NotResource instead of Resource",
		 LOGS_OK READS_OK CHANGES_OK "              - {Effect: Deny, NotAction: " LOG_ACTIONS
					     ", NotResource: '*', Condition: {'Null': {'" SFA "': 'false'}}}\n",
		 "IAM006:fail"},
		{"Effect Allow",
		 LOGS_OK READS_OK CHANGES_OK "              - {Effect: Allow, NotAction: " LOG_ACTIONS
					     ", Resource: '*', Condition: {'Null': {'" SFA "': 'false'}}}\n",
		 "IAM002:fail IAM003:fail IAM006:fail IAM007:fail"},
		{"one more condition",
		 LOGS_OK READS_OK CHANGES_OK "              - {Effect: Deny, NotAction: " LOG_ACTIONS
					     ", Resource: '*', Condition: {'Null': {'" SFA
					     "': 'false'}, Bool: {'aws:SecureTransport': 'true'}}}\n",
		 "IAM006:fail"},
		{"logs on *", LOGS_ON("'*'"), "IAM003:fail IAM006:fail IAM007:fail"},
		{"logs on every group", LOGS_ON("!Sub '" ARN "*'"), "IAM003:pass IAM006:fail IAM007:fail"},
		{"logs on a neighbour's group", LOGS_ON("!Sub '" ARN "/sandboxgen/executor*'"),
		 "IAM006:fail IAM007:fail"},
		{"logs of another account",
		 LOGS_ON("!Sub 'arn:aws:logs:${AWS::Region}:*:log-group:/sandboxgen/executor:*'"),
		 "IAM006:fail IAM007:fail"},
		{"logs without streams", LOGS_ON("!Sub '" ARN "/sandboxgen/executor'"),
		 "IAM006:pass IAM007:pass IAM010:fail"},
		{"logs:*",
		 "              - {Effect: Allow, Action: 'logs:*', Resource: !GetAtt Logs.Arn}\n" READS_OK CHANGES_OK
			 DENY_OK,
		 "IAM002:fail IAM006:pass IAM007:fail"},
		{"reads wider",
		 LOGS_OK CHANGES_OK DENY_OK "              - {Effect: Allow, Action: 'ec2:Describe*', Resource: '*'}\n",
		 "IAM002:fail IAM003:fail IAM006:pass IAM007:fail"},
		{"changes on *",
		 LOGS_OK READS_OK DENY_OK
		 "              - {Effect: Allow, Action: [ec2:CreateNetworkInterface, "
		 "ec2:DeleteNetworkInterface, "
		 "ec2:AssignPrivateIpAddresses, ec2:UnassignPrivateIpAddresses], Resource: '*'}\n",
		 "IAM003:fail IAM006:pass IAM007:fail IAM010:pass"},
		{"everything: the deny leaves the logs of others", PLUS("{Effect: Allow, Action: '*', Resource: '*'}"),
		 "IAM002:fail IAM003:fail IAM006:fail IAM007:fail"},
		{"everything of a service", PLUS("{Effect: Allow, Action: 's3:*', Resource: '*'}"),
		 "IAM002:fail IAM003:fail IAM006:pass IAM007:fail"},
		{"everything, no deny", LOGS_OK "              - {Effect: Allow, Action: '*', Resource: '*'}\n",
		 "IAM002:fail IAM003:fail IAM006:fail IAM007:fail"},
		{"iam:PassRole", PLUS("{Effect: Allow, Action: iam:PassRole, Resource: '*'}"),
		 "IAM003:fail IAM007:fail"},
		{"every bucket",
		 PLUS("{Effect: Allow, Action: ['s3:Get*', 's3:PutObject'], Resource: 'arn:aws:s3:::*'}"),
		 "IAM002:fail IAM003:fail IAM007:fail"},
		{"one bucket", PLUS("{Effect: Allow, Action: 's3:GetObject', Resource: 'arn:aws:s3:::b/*'}"),
		 "IAM002:pass IAM003:pass IAM007:fail"},
		{"NotAction", PLUS("{Effect: Allow, NotAction: 'iam:*', Resource: '*'}"),
		 "IAM002:fail IAM003:fail IAM007:fail"},
		{"NotResource", PLUS("{Effect: Allow, Action: 's3:GetObject', NotResource: 'arn:aws:s3:::b'}"),
		 "IAM003:fail IAM007:fail"},
		{"a condition is no excuse",
		 PLUS("{Effect: Allow, Action: 's3:GetObject', Resource: 'arn:aws:s3:::b/*', Condition: "
		      "{StringLike: "
		      "{'aws:SourceArn': '*'}}}"),
		 "IAM007:fail"},
		{"a condition on the address",
		 PLUS("{Effect: Allow, Action: 's3:GetObject', Resource: 'arn:aws:s3:::b/*', Condition: "
		      "{IpAddress: "
		      "{'aws:SourceIp': '10.0.0.0/8'}}}"),
		 "IAM006:pass IAM007:fail"},
		{"a condition that is not evaluated",
		 PLUS("{Effect: Allow, Action: 's3:GetObject', Resource: 'arn:aws:s3:::b/*', Condition: "
		      "{BinaryEquals: "
		      "{'aws:Key': 'AAAA'}}}"),
		 "IAM006:pass IAM007:unproven"},
		{"an allow that a deny takes back whole",
		 PLUS("{Effect: Allow, Action: 's3:GetObject', Resource: 'arn:aws:s3:::b/*'}\n"
		      "              - {Effect: Deny, Action: 's3:*', Resource: '*'}"),
		 "IAM006:pass IAM007:pass"},
		{"an allow that a deny takes back in part",
		 PLUS("{Effect: Allow, Action: 's3:GetObject', Resource: 'arn:aws:s3:::b/*'}\n"
		      "              - {Effect: Deny, Action: 's3:*', Resource: 'arn:aws:s3:::b/private/*'}"),
		 "IAM007:fail"},
		{"an allow that two denies take back",
		 PLUS("{Effect: Allow, Action: 's3:GetObject', Resource: 'arn:aws:s3:::?'}\n"
		      "              - {Effect: Deny, Action: 's3:*', Resource: 'arn:aws:s3:::*a*'}\n"
		      "              - {Effect: Deny, Action: 's3:*', NotResource: 'arn:aws:s3:::a'}"),
		 "IAM006:pass IAM007:pass"},
		{"a policy variable",
		 PLUS("{Effect: Allow, Action: 's3:GetObject', Resource: 'arn:aws:s3:::${!aws:username}/*'}"),
		 "IAM007:unproven"},
		{"malformed", PLUS("{Effect: Allow, Action: 's3:GetObject'}"),
		 "IAM006:unproven IAM007:unproven IAM009:fail"},
		{"no statement", "              []\n", "IAM006:pass IAM007:pass IAM010:fail"},
	};
	for (size_t k = 0; k < sizeof(rows) / sizeof(*rows); k++) {
		struct judged *j = judge(rows[k].statements);
		expect(j, rows[k].name, rows[k].want);
		sg_arena_free(j->l.arena);
	}
}
END_TEST

/* ---------------------------------------------------------------------------------------------- who may assume it */

#define TRUST(principal, action) "          - {Effect: Allow, Principal: " principal ", Action: " action "}\n"
#define LAMBDA "{Service: lambda.amazonaws.com}"

START_TEST(trust_is_lambda_alone)
{
	static const struct {
		const char *trust, *want;
	} rows[] = {
		{TRUST(LAMBDA, "sts:AssumeRole"), "IAM005:pass"},
		{TRUST("{Service: [lambda.amazonaws.com]}", "[sts:assumerole]"), "IAM005:pass"},
		{"          - {Effect: Allow, Principal: " LAMBDA ", Action: sts:AssumeRole, Condition: {StringEquals: "
		 "{'aws:SourceAccount': '111122223333'}}}\n",
		 "IAM005:pass"},
		{TRUST("{Service: [lambda.amazonaws.com, ec2.amazonaws.com]}", "sts:AssumeRole"), "IAM005:fail"},
		{TRUST("{Service: ec2.amazonaws.com}", "sts:AssumeRole"), "IAM005:fail"},
		{TRUST("{AWS: !Ref AWS::AccountId}", "sts:AssumeRole"), "IAM005:fail"},
		{TRUST("{Service: lambda.amazonaws.com, AWS: 'arn:aws:iam::1:root'}", "sts:AssumeRole"), "IAM005:fail"},
		{TRUST("{Federated: x}", "sts:AssumeRoleWithWebIdentity"), "IAM005:fail"},
		{TRUST("'*'", "sts:AssumeRole"), "IAM005:fail"},
		{TRUST("{AWS: '*'}", "sts:AssumeRole"), "IAM005:fail"},
		{TRUST(LAMBDA, "'sts:*'"), "IAM005:fail"},
		{TRUST(LAMBDA, "[sts:AssumeRole, sts:TagSession]"), "IAM005:fail"},
		{TRUST("{Service: !Sub 'lambda.${AWS::URLSuffix}'}", "sts:AssumeRole"), "IAM005:fail"},
		{TRUST(LAMBDA, "sts:AssumeRole") TRUST("{Service: !Ref P}", "sts:AssumeRole"), "IAM005:unproven"},
		{TRUST(LAMBDA, "sts:AssumeRole") TRUST("!If [C, " LAMBDA ", {AWS: x}]", "sts:AssumeRole"),
		 "IAM005:fail"},
		{"          - {Effect: Allow, NotPrincipal: " LAMBDA ", Action: sts:AssumeRole}\n", "IAM005:fail"},
		{"          - {Effect: Deny, Principal: " LAMBDA ", Action: sts:AssumeRole}\n", "IAM005:fail"},
		{"          - {Effect: !If [C, Allow, Deny], Principal: " LAMBDA ", Action: sts:AssumeRole}\n",
		 "IAM005:fail"},
		{"          - {Effect: Allow, Action: sts:AssumeRole}\n", "IAM005:fail IAM009:fail"},
		{"          []\n", "IAM005:fail"},
	};
	for (size_t k = 0; k < sizeof(rows) / sizeof(*rows); k++) {
		struct judged *j =
			judge_template(rows[k].trust, ROLE_OK, NULL,
				       "Parameters: {P: {Type: String}}\nConditions: {C: !Equals [!Ref P, x]}\n", NULL);
		expect(j, rows[k].trust, rows[k].want);
		sg_arena_free(j->l.arena);
	}
}
END_TEST

/* ---------------------------------------------------------------------------------------------- other ways to grant */

#define BUCKET_POLICY(principal, condition)                                                                         \
	"  B:\n    Type: AWS::S3::BucketPolicy\n    Properties:\n      Bucket: b\n      PolicyDocument: {Version: " \
	"'2012-10-17', Statement: [{Effect: Allow, Principal: " principal                                           \
	", Action: 's3:*', Resource: '*', Condition: " condition "}]}\n"
#define POLICY_RESOURCE(type, more)                                                                          \
	"  Extra:\n    Type: " type "\n    Properties:\n      PolicyName: extra\n"                           \
	"      PolicyDocument: {Version: '2012-10-17', Statement: [{Effect: Allow, Action: 's3:GetObject', " \
	"Resource: 'arn:aws:s3:::b/*'}]}\n      " more "\n"
#define OTHER_ROLE(action, resource)                                                                             \
	"  Other:\n    Type: AWS::IAM::Role\n    Properties:\n"                                                  \
	"      AssumeRolePolicyDocument: {Version: '2012-10-17', Statement: [{Effect: Allow, Principal: " LAMBDA \
	", Action: sts:AssumeRole}]}\n"                                                                          \
	"      Policies: [{PolicyName: p, PolicyDocument: {Version: '2012-10-17', Statement: [{Effect: Allow, "  \
	"Action: " action ", Resource: " resource "}]}}]\n"

START_TEST(grants_from_elsewhere_count)
{
	static const struct {
		const char *name, *role, *resources, *want;
	} rows[] = {
		{"AdministratorAccess", "      ManagedPolicyArns: ['arn:aws:iam::aws:policy/AdministratorAccess']\n",
		 NULL, "IAM002:fail IAM003:fail IAM004:fail IAM006:fail IAM007:fail"},
		{"partition as a symbol",
		 "      ManagedPolicyArns: [!Sub "
		 "'arn:${AWS::Partition}:iam::aws:policy/AdministratorAccess']\n",
		 NULL, "IAM004:fail IAM006:fail IAM007:fail"},
		{"the VPC policy",
		 "      ManagedPolicyArns: "
		 "['arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole']\n",
		 NULL, "IAM004:fail IAM006:fail IAM007:fail"},
		{"an unknown managed policy", "      ManagedPolicyArns: ['arn:aws:iam::aws:policy/Whatever']\n", NULL,
		 "IAM004:fail IAM006:unproven IAM007:unproven"},
		{"a parameter", "      ManagedPolicyArns: [!Ref P]\n", NULL,
		 "IAM004:unproven IAM006:unproven IAM007:unproven"},
		{"a list parameter", "      ManagedPolicyArns: !Ref L\n", NULL, "IAM004:unproven IAM007:unproven"},
		{"an empty list", "      ManagedPolicyArns: []\n", NULL, IAM_ALL_PASS},
		{"a managed policy of the template", "      ManagedPolicyArns: [!Ref Extra]\n",
		 "  Extra:\n    Type: AWS::IAM::ManagedPolicy\n    Properties:\n      PolicyDocument: "
		 "{Version: '2012-10-17', "
		 "Statement: [{Effect: Allow, Action: 's3:GetObject', Resource: 'arn:aws:s3:::b/*'}]}\n",
		 "IAM004:pass IAM006:pass IAM007:fail"},
		{"attached by name", NULL, POLICY_RESOURCE("AWS::IAM::Policy", "Roles: [!Ref Role]"),
		 "IAM006:pass IAM007:fail IAM008:pass"},
		{"attached as a role policy", NULL, POLICY_RESOURCE("AWS::IAM::RolePolicy", "RoleName: !Ref Role"),
		 "IAM007:fail"},
		{"attached from the managed policy", NULL,
		 POLICY_RESOURCE("AWS::IAM::ManagedPolicy", "Roles: [!Ref Role]"), "IAM007:fail"},
		{"attached to nobody knows whom", NULL, POLICY_RESOURCE("AWS::IAM::Policy", "Roles: [!Ref P]"),
		 "IAM007:unproven IAM008:unproven"},
		{"attached to another role", NULL,
		 POLICY_RESOURCE("AWS::IAM::Policy", "Roles: [!Ref Other]") OTHER_ROLE("'s3:*'", "'*'"), IAM_ALL_PASS},
		{"attached to a literal name", NULL, POLICY_RESOURCE("AWS::IAM::Policy", "Roles: [elsewhere]"),
		 IAM_ALL_PASS},
		{"attached to a name that CloudFormation could have made", NULL,
		 POLICY_RESOURCE("AWS::IAM::Policy", "Roles: [stack-Role-ABCDEFGH]"),
		 "IAM007:unproven IAM008:unproven"},
		{"attached to the role's literal name", "      RoleName: sandbox\n",
		 POLICY_RESOURCE("AWS::IAM::Policy", "Roles: [sandbox]"), "IAM007:fail"},
		{"attached to a literal name, the role has one", "      RoleName: sandbox\n",
		 POLICY_RESOURCE("AWS::IAM::Policy", "Roles: [elsewhere]"), IAM_ALL_PASS},
		{"a boundary that may stop what is allowed",
		 "      PermissionsBoundary: 'arn:aws:iam::1:policy/b'\n      ManagedPolicyArns: "
		 "['arn:aws:iam::aws:policy/AdministratorAccess']\n",
		 NULL, "IAM004:fail IAM006:unproven IAM007:unproven"},
		{"a boundary that does not matter", "      PermissionsBoundary: 'arn:aws:iam::1:policy/b'\n", NULL,
		 "IAM006:pass IAM007:pass IAM010:unproven"},
		{"another role that may rewrite it", NULL, OTHER_ROLE("'iam:PutRolePolicy'", "'*'"),
		 "IAM006:pass IAM008:fail"},
		{"another role that may rewrite this one", NULL, OTHER_ROLE("'iam:*'", "!GetAtt Role.Arn"),
		 "IAM008:fail"},
		{"another role that may rewrite some role", NULL,
		 OTHER_ROLE("'iam:AttachRolePolicy'", "'arn:aws:iam::*:role/x*'"), "IAM008:unproven"},
		{"another role that may rewrite users", NULL, OTHER_ROLE("'iam:*'", "'arn:aws:iam::*:user/*'"),
		 "IAM008:pass"},
		{"another role that reads roles", NULL, OTHER_ROLE("'iam:GetRole'", "'*'"), "IAM008:pass"},
		{"attached by Sub", NULL, POLICY_RESOURCE("AWS::IAM::Policy", "Roles: [!Sub '${Role}']"),
		 "IAM007:fail"},
		{"attached by Join", NULL, POLICY_RESOURCE("AWS::IAM::Policy", "Roles: [!Join ['', [!Ref Role]]]"),
		 "IAM007:fail"},
		{"attached by a part of the ARN", NULL,
		 POLICY_RESOURCE("AWS::IAM::Policy", "Roles: [!Select [1, !Split ['/', !GetAtt Role.Arn]]]"),
		 "IAM007:unproven"},
		{"attached to the role's name in another case", "      RoleName: sandbox\n",
		 POLICY_RESOURCE("AWS::IAM::Policy", "Roles: [SANDBOX]"), "IAM007:unproven IAM008:unproven"},
		{"a managed policy by its attribute", "      ManagedPolicyArns: [!GetAtt Extra.PolicyArn]\n",
		 "  Extra:\n    Type: AWS::IAM::ManagedPolicy\n    Properties:\n      PolicyDocument: "
		 "{Version: '2012-10-17', "
		 "Statement: [{Effect: Allow, Action: 's3:GetObject', Resource: 'arn:aws:s3:::b/*'}]}\n",
		 "IAM007:fail"},
		{"another role that may change the boundary", "      PermissionsBoundary: !Ref Edge\n",
		 "  Edge:\n    Type: AWS::IAM::ManagedPolicy\n    Properties:\n      PolicyDocument: "
		 "{Version: '2012-10-17', Statement: [{Effect: Allow, Action: ['logs:*', 'ec2:*'], Resource: '*'}]}\n" OTHER_ROLE(
			 "'iam:CreatePolicyVersion'", "'*'"),
		 "IAM008:unproven"},
		{"another role that may do all but a little", NULL,
		 "  O:\n    Type: AWS::IAM::Policy\n    Properties: {PolicyName: x, Users: [u], PolicyDocument: {Version: "
		 "'2012-10-17', Statement: [{Effect: Allow, NotAction: 's3:*', NotResource: 'arn:aws:s3:::b'}]}}\n",
		 "IAM008:fail"},
		{"a user who may do everything", NULL,
		 "  U:\n    Type: AWS::IAM::User\n    Properties: {ManagedPolicyArns: "
		 "['arn:aws:iam::aws:policy/AdministratorAccess']}\n",
		 "IAM008:fail"},
		{"a group of which nobody knows what it may do", NULL,
		 "  U:\n    Type: AWS::IAM::Group\n    Properties: {ManagedPolicyArns: [!Ref P]}\n", "IAM008:unproven"},
		{"an inline policy that nobody knows", NULL,
		 "  Extra:\n    Type: AWS::IAM::Policy\n    Properties: {PolicyName: x, Roles: [!Ref Role], "
		 "PolicyDocument: {'Fn::Transform': "
		 "{Name: M}}}\n",
		 "IAM006:unproven IAM007:unproven"},
	};
	for (size_t k = 0; k < sizeof(rows) / sizeof(*rows); k++) {
		struct judged *j = judge_template(TRUST_OK, ROLE_OK, rows[k].role,
						  "Parameters: {P: {Type: String}, L: {Type: CommaDelimitedList}}\n",
						  rows[k].resources);
		expect(j, rows[k].name, rows[k].want);
		sg_arena_free(j->l.arena);
	}
}
END_TEST

/* What resource policies grant adds to the role, but for what the role denies. */
#define OPEN LOGS_OK READS_OK CHANGES_OK
#define DENY_S3 OPEN "              - {Effect: Deny, Action: 's3:*', Resource: '*'}\n"
START_TEST(resource_policies_that_name_the_role_count)
{
	static const struct {
		const char *name, *statements, *role, *resources, *want;
	} rows[] = {
		{"a bucket policy that names the role", OPEN, NULL,
		 "  B:\n    Type: AWS::S3::BucketPolicy\n    Properties:\n      Bucket: b\n      "
		 "PolicyDocument: {Version: "
		 "'2012-10-17', Statement: [{Effect: Allow, Principal: {AWS: !GetAtt Role.Arn}, Action: "
		 "'s3:*', Resource: "
		 "'*'}]}\n",
		 "IAM008:unproven"},
		{"a bucket policy that names the role by its literal ARN", OPEN, "      RoleName: sandbox\n",
		 BUCKET_POLICY("{AWS: 'arn:aws:iam::111122223333:role/sandbox'}", "{}"), "IAM008:unproven"},
		{"a bucket policy that names the role by its name", OPEN, "      RoleName: sandbox\n",
		 BUCKET_POLICY("{AWS: !Sub 'arn:aws:iam::${AWS::AccountId}:role/sandbox'}", "{}"), "IAM008:unproven"},
		{"a bucket policy that names another role", OPEN, "      RoleName: sandbox\n",
		 BUCKET_POLICY("{AWS: !Sub 'arn:aws:iam::${AWS::AccountId}:role/other'}", "{}"), "IAM008:pass"},
		{"a bucket policy that names the role in a condition", OPEN, NULL,
		 BUCKET_POLICY("'*'", "{ArnEquals: {'aws:PrincipalArn': !GetAtt Role.Arn}}"), "IAM008:unproven"},
		{"a queue policy as text that names the role", OPEN, NULL,
		 "  B:\n    Type: AWS::SQS::QueuePolicy\n    Properties:\n      Queues: [q]\n      PolicyDocument: !Sub "
		 "'{\"Statement\": [{\"Effect\": \"Allow\", \"Principal\": {\"AWS\": \"${Role.Arn}\"}, "
		 "\"Action\": \"sqs:*\", \"Resource\": \"*\"}]}'\n",
		 "IAM008:unproven"},
		{"a permission to invoke that names the role", OPEN, NULL,
		 "  B:\n    Type: AWS::Lambda::Permission\n    Properties: {FunctionName: other, Action: "
		 "lambda:InvokeFunction, Principal: !GetAtt Role.Arn}\n",
		 "IAM008:unproven"},
		{"everything is denied to code", ROLE_OK, NULL, BUCKET_POLICY("{AWS: !GetAtt Role.Arn}", "{}"),
		 IAM_ALL_PASS},
		{"what is granted is denied", DENY_S3, NULL, BUCKET_POLICY("{AWS: !GetAtt Role.Arn}", "{}"),
		 "IAM008:pass"},
		{"another action is denied", DENY_S3, NULL,
		 "  B:\n    Type: AWS::SQS::QueuePolicy\n    Properties:\n      Queues: [q]\n      PolicyDocument: {Version: "
		 "'2012-10-17', Statement: [{Effect: Allow, Principal: {AWS: !GetAtt Role.Arn}, Action: 'sqs:*', Resource: "
		 "'*'}]}\n",
		 "IAM008:unproven"},
		{"one of two documents is denied", DENY_S3, NULL,
		 "  B:\n    Type: AWS::X::Y\n    Properties:\n      A: {Statement: [{Effect: Allow, Principal: {AWS: !GetAtt "
		 "Role.Arn}, Action: 's3:*', Resource: '*'}]}\n      C: {Statement: [{Effect: Allow, Principal: {AWS: "
		 "!GetAtt Role.Arn}, Action: 'sqs:*', Resource: '*'}]}\n",
		 "IAM008:unproven"},
		{"a Deny of the other's is for somebody, perhaps", OPEN, NULL,
		 "  B:\n    Type: AWS::X::Y\n    Properties:\n      A: {Statement: [{Effect: Allow, Principal: {AWS: !GetAtt "
		 "Role.Arn}, Action: 's3:*', Resource: '*'}, {Effect: Deny, Principal: {AWS: '111122223333'}, Action: '*', "
		 "Resource: '*'}]}\n",
		 "IAM008:unproven"},
		{"a policy that only denies", OPEN, NULL,
		 "  B:\n    Type: AWS::S3::BucketPolicy\n    Properties:\n      Bucket: b\n      PolicyDocument: {Version: "
		 "'2012-10-17', Statement: [{Effect: Deny, Principal: {AWS: !GetAtt Role.Arn}, Action: 's3:*', Resource: "
		 "'*'}]}\n",
		 "IAM008:pass"},
		{"a role that it may assume", OPEN, NULL,
		 "  B:\n    Type: AWS::IAM::Role\n    Properties:\n      AssumeRolePolicyDocument: {Version: '2012-10-17', "
		 "Statement: [{Effect: Allow, Principal: {AWS: !GetAtt Role.Arn}, Action: sts:AssumeRole}]}\n",
		 "IAM008:unproven"},
	};
	for (size_t k = 0; k < sizeof(rows) / sizeof(*rows); k++) {
		struct judged *j = judge_template(TRUST_OK, rows[k].statements, rows[k].role, NULL, rows[k].resources);
		expect(j, rows[k].name, rows[k].want);
		sg_arena_free(j->l.arena);
	}
}
END_TEST

/* ---------------------------------------------------------------------------------------------- worlds */

#define WORLDS                                                                        \
	"Parameters: {P: {Type: String, AllowedValues: [x, y]}, Q: {Type: String}}\n" \
	"Conditions: {C: !Equals [!Ref P, x], D: !Not [!Condition C]}\n"
#define GRANT "{Effect: Allow, Action: 's3:GetObject', Resource: 'arn:aws:s3:::b/*'}"
#define DENY_FLOW                                                                                                  \
	"{Effect: Deny, NotAction: [logs:CreateLogStream, logs:PutLogEvents], Resource: '*', Condition: {'Null': " \
	"{'lambda:SourceFunctionArn': 'false'}}}"

START_TEST(all_worlds_count)
{
	static const struct {
		const char *name, *statements, *want, *when;
	} rows[] = {
		{"a grant in one world", PLUS("!If [C, " GRANT ", !Ref AWS::NoValue]"), "IAM006:pass IAM007:fail", "x"},
		{"a grant and its deny in the same world",
		 PLUS("!If [C, " GRANT ", !Ref AWS::NoValue]\n              - !If [C, {Effect: Deny, Action: "
		      "'s3:*', Resource: '*'}, "
		      "!Ref AWS::NoValue]"),
		 "IAM006:pass IAM007:pass", NULL},
		{"a grant and its deny in different worlds",
		 PLUS("!If [C, " GRANT ", !Ref AWS::NoValue]\n              - !If [D, {Effect: Deny, Action: "
		      "'s3:*', Resource: '*'}, "
		      "!Ref AWS::NoValue]"),
		 "IAM007:fail", "x"},
		{"the deny in one world only",
		 LOGS_OK READS_OK CHANGES_OK "              - !If [C, " DENY_FLOW ", !Ref AWS::NoValue]\n",
		 "IAM006:fail", "y"},
		{"one deny or the other",
		 LOGS_OK READS_OK CHANGES_OK "              - !If [C, " DENY_FLOW ", " DENY_FLOW "]\n",
		 "IAM006:pass IAM007:pass", NULL},
		{"effect by condition", PLUS("{Effect: !If [C, Deny, Allow], Action: 's3:GetObject', Resource: '*'}"),
		 "IAM007:fail", "y"},
		{"effect by parameter", PLUS("{Effect: !Ref Q, Action: 's3:GetObject', Resource: '*'}"),
		 "IAM007:unproven", NULL},
		{"action by parameter", PLUS("{Effect: Allow, Action: !Ref Q, Resource: '*'}"),
		 "IAM002:unproven IAM007:unproven", NULL},
		{"resource by parameter",
		 PLUS("{Effect: Allow, Action: 's3:GetObject', Resource: !Sub 'arn:aws:s3:::${Q}/*'}"),
		 "IAM003:unproven IAM006:pass IAM007:fail", NULL},
		{"a resource of the template",
		 PLUS("{Effect: Allow, Action: 's3:GetObject', Resource: !GetAtt Role.Arn}"),
		 "IAM003:pass IAM006:pass IAM007:fail", NULL},
		{"an imported resource", PLUS("{Effect: Allow, Action: 's3:GetObject', Resource: !ImportValue x}"),
		 "IAM003:unproven IAM006:pass IAM007:unproven", NULL},
		{"a log group by parameter", LOGS_ON("!Sub '" ARN "${Q}:*'"), "IAM006:fail IAM007:fail", NULL},
		{"the deny's condition by condition",
		 DENY_WITH(LOG_ACTIONS, "'*'", "Null", SFA, "!If [C, 'false', 'true']"), "IAM006:unproven", NULL},
		{"a value of the deny's condition by condition",
		 DENY_WITH(LOG_ACTIONS, "'*'", "Null", SFA, "[!If [C, 'false', !Ref AWS::NoValue]]"), "IAM006:unproven",
		 NULL},
		{"the deny's condition is absent in a world",
		 DENY_WITH(LOG_ACTIONS, "'*'", "Null", SFA, "!If [C, 'false', !Ref AWS::NoValue]"), "IAM006:unproven",
		 NULL},
		{"the deny's NotAction by parameter",
		 DENY_WITH("[logs:CreateLogStream, logs:PutLogEvents, !Ref Q]", "'*'", "Null", SFA, "'false'"),
		 "IAM006:unproven", NULL},
	};
	for (size_t k = 0; k < sizeof(rows) / sizeof(*rows); k++) {
		struct judged *j = judge_template(TRUST_OK, rows[k].statements, NULL, WORLDS, NULL);
		expect(j, rows[k].name, rows[k].want);
		for (size_t n = 0; rows[k].when && n < j->l.findings.list.n; n++) {
			const struct sg_finding *f = j->l.findings.list.v[n];
			ck_assert_msg(f->when.n == 1 && sg_str_is(f->when.v[0].value, rows[k].when), "%s: when",
				      rows[k].name);
		}
		sg_arena_free(j->l.arena);
	}
}
END_TEST

/* More independent conditions than worlds are split by: what does not hold as a whole must not count as holding. */
START_TEST(too_many_worlds_prove_nothing)
{
	char sections[2000] = "Parameters:\n", part[200], deny[2000];
	for (int k = 0; k < 8; k++) {
		snprintf(part, sizeof(part), "  P%d: {Type: String}\n", k);
		strcat(sections, part);
	}
	strcat(sections, "Conditions:\n");
	strcpy(deny, ROLE_OK "              - " GRANT "\n"
			     "              - Effect: Deny\n                Action: s3:*\n                Resource:\n"
			     "                  - arn:aws:s3:::z\n");
	for (int k = 0; k < 8; k++) {
		snprintf(part, sizeof(part), "  C%d: !Equals [!Ref P%d, x]\n", k, k);
		strcat(sections, part);
		snprintf(part, sizeof(part), "                  - !If [C%d, '*', !Ref AWS::NoValue]\n", k);
		strcat(deny, part);
	}
	struct judged *j = judge_template(TRUST_OK, deny, NULL, sections, NULL);
	expect(j, "eight conditions", "IAM006:pass IAM007:unproven");
	sg_arena_free(j->l.arena);
}
END_TEST

/* ---------------------------------------------------------------------------------------------- the words */

/* What is proposed for a statement is the smallest of what the prover accepts. */
START_TEST(the_narrowest_edit_is_proposed)
{
	static const struct {
		const char *statements, *rule, *edit;
	} rows[] = {
		{LOGS_ON("'*'"), "IAM007",
		 "Resource arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:/sandboxgen/executor:*;"},
		{"              - {Effect: Allow, Action: 'logs:*', Resource: !GetAtt Logs.Arn}\n" DENY_OK, "IAM007",
		 "Action logs:CreateLogStream, logs:PutLogEvents;"},
		{"              - {Effect: Allow, Action: 'logs:*', Resource: '*'}\n" DENY_OK, "IAM007",
		 "Action logs:CreateLogStream, logs:PutLogEvents; Resource arn:${AWS::Partition}:logs:${AWS::Region}:"
		 "${AWS::AccountId}:log-group:/sandboxgen/executor:*;"},
		{LOGS_OK READS_OK CHANGES_OK, "IAM007", "also the Condition Null lambda:SourceFunctionArn true;"},
		{PLUS("{Effect: Allow, Action: [ec2:DescribeSubnets, s3:GetObject], Resource: '*'}"), "IAM007",
		 "Action ec2:DescribeSubnets;"},
		{PLUS("{Effect: Allow, Action: 's3:GetObject', Resource: 'arn:aws:s3:::b/*'}"), "IAM007",
		 "without this statement;"},
	};
	for (size_t k = 0; k < sizeof(rows) / sizeof(*rows); k++) {
		struct judged *j = judge(rows[k].statements);
		const struct sg_finding *f = finding(j, rows[k].rule);
		ck_assert_msg(f && sg_str_find(f->settle, rows[k].edit, 0) != SIZE_MAX, "row %zu: %.*s", k,
			      f ? (int)f->settle.n : 0, f ? f->settle.p : "");
		sg_arena_free(j->l.arena);
	}
}
END_TEST

START_TEST(findings_name_request_and_lines)
{
	static const struct {
		const char *statements, *rule, *message;
		unsigned line;
	} rows[] = {
		{LOGS_OK READS_OK CHANGES_OK, "IAM006",
		 "function code may call ec2:DescribeNetworkInterfaces on * while lambda:SourceFunctionArn is "
		 "${Fn.Arn}",
		 30},
		{DENY_WITH(LOG_ACTIONS, "'*'", "ArnEquals", SFA, "!GetAtt Fn.Arn"), "IAM006",
		 "function code may call ec2:DescribeNetworkInterfaces on * while lambda:SourceFunctionArn is "
		 "arn:aws:lambda:us-east-1:111122223333:function:another",
		 30},
		{PLUS("{Effect: Allow, Action: ['s3:Get*', 's3:PutObject'], Resource: 'arn:aws:s3:::*'}"), "IAM007",
		 "the role may call s3:GetObject on arn:aws:s3:::any-bucket/any-key while "
		 "lambda:SourceFunctionArn is absent",
		 39},
	};
	for (size_t k = 0; k < sizeof(rows) / sizeof(*rows); k++) {
		struct judged *j = judge(rows[k].statements);
		const struct sg_finding *f = finding(j, rows[k].rule);
		ck_assert_ptr_nonnull(f);
		ck_assert_str_eq(sg_cstr(j->l.arena, f->message), rows[k].message);
		ck_assert_uint_eq(sg_pos_start(j->l.sources, f->span).line, rows[k].line);
		ck_assert_uint_gt(f->witness.n, 0);
		ck_assert_uint_gt(f->settle.n, 0);
		sg_arena_free(j->l.arena);
	}
}
END_TEST

START_TEST(a_role_from_outside_is_unproven)
{
	static const struct {
		const char *role, *want;
	} rows[] = {
		{"arn:aws:iam::111122223333:role/x", "IAM001:unproven IAM006:unproven"},
		{"!Ref P", "IAM001:unproven IAM007:unproven"},
		{"!ImportValue x", "IAM001:unproven IAM005:unproven"},
		{"!If [C, !GetAtt Role.Arn, !Ref P]", "IAM001:unproven"},
		{"!If [C, !GetAtt Role.Arn, !Ref AWS::NoValue]", "IAM001:fail"},
	};
	for (size_t k = 0; k < sizeof(rows) / sizeof(*rows); k++) {
		struct judged *j = judged_new();
		char text[2000];
		snprintf(text, sizeof(text),
			 "Parameters: {P: {Type: String}}\nConditions: {C: !Equals [!Ref P, x]}\nResources:\n"
			 "  Fn: {Type: AWS::Lambda::Function, Properties: {Role: %s}}\n"
			 "  Role:\n    Type: AWS::IAM::Role\n    Properties: {AssumeRolePolicyDocument: "
			 "{Version: '2012-10-17', "
			 "Statement: [{Effect: Allow, Principal: " LAMBDA ", Action: sts:AssumeRole}]}}\n",
			 rows[k].role);
		j->l = load_text(text);
		ck_assert_ptr_nonnull(j->l.root);
		j->m = sg_model_new(j->l.arena, j->l.diags, &j->l.findings, j->l.root, NULL);
		sg_iam_check(j->m, sg_model_find(j->m, SG_LIT("Fn")), SG_ALWAYS, NULL);
		expect(j, rows[k].role, rows[k].want);
		sg_arena_free(j->l.arena);
	}
}
END_TEST

IAM_TESTS(role_tests, the_rendered_role_passes, equivalent_roles_pass, each_weakening_is_seen, trust_is_lambda_alone,
	  grants_from_elsewhere_count, resource_policies_that_name_the_role_count, all_worlds_count,
	  too_many_worlds_prove_nothing, the_narrowest_edit_is_proposed, findings_name_request_and_lines,
	  a_role_from_outside_is_unproven)
