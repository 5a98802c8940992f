"""The two roles of bootstrap.yaml, as a specification that uses every key makes them, and what IAM decides for them by iam-simulate (npm).

What CloudFormation calls as the service role is SERVICE_CALLS: a row for each action that its handlers list (drivers/handlers.py)
for the types of the template, but for NOT_NEEDED, with the resources and the context that AWS gives them.
"""
import json

import bench
import tap

R, A = bench.REGION, "111122223333"
STACK, NAME = "secure-python-executor-stack", "workflow-python-executor"
CALLER = f"arn:aws:iam::{A}:role/app/workflow"
SPEC = {"deploy": {"repository": "acme/sandbox", "repository_id": 7, "owner_id": 8, "account": A},
        "network": {"flow_logs": True}, "alarms": {"enabled": True}, "invokers": [CALLER], "concurrency": 10, "tags": {"team": "x"},
        "logs": {"kms_key": f"arn:aws:kms:{R}:{A}:key/1234abcd-12ab-34cd-56ef-1234567890ab"}}

EC2 = f"arn:aws:ec2:{R}:{A}:"
LAMBDA = f"arn:aws:lambda:{R}:{A}:function:{NAME}"
LOGS = f"arn:aws:logs:{R}:{A}:log-group:/sandboxgen/{NAME}"
ROLE = f"arn:aws:iam::{A}:role/sandboxgen/{STACK}/{STACK}-ExecutorRole-1A2B3C"
ALARM = f"arn:aws:cloudwatch:{R}:{A}:alarm:{STACK}-ErrorsAlarm-1A2B"
CFN = f"arn:aws:cloudformation:{R}:{A}:stack/{STACK}/0a1b2c"
TRANSFORM = f"arn:aws:cloudformation:{R}:aws:transform/Serverless-2016-10-31"
IN_VPC = {"lambda:VpcIds": ["vpc-1"], "lambda:SubnetIds": ["subnet-1"], "lambda:SecurityGroupIds": ["sg-1"]}


def rendered():
    place = bench.render(json.dumps(SPEC) + "\n", bench.scratch() / "set")
    result = bench.driver("LINT", "role_policies.py", place / "bootstrap.yaml", A)
    if result.status != 0:
        raise RuntimeError(str(result))
    return place, result.json()


def decide(role, requests):
    """Each request (action, resource, context) by the policies of the role."""
    asked = [{"action": action, "resource": resource, "context": context, "principal": role["arn"]}
             for action, resource, context in requests]
    result = bench.run("node", bench.HERE / "drivers" / "simulate.mjs", bench.tool("SIMULATE"),
                       text_in=json.dumps({"policies": role["policies"], "requests": asked}),
                       env=bench.clean_env(PATH="/usr/local/bin:/usr/bin:/bin"))
    if result.status != 0:
        raise RuntimeError(str(result)[:2000])
    return result.json()


def expect(role, what, requests, good):
    answers = decide(role, requests)
    wrong = [f"{answer}: {request}" for request, answer in zip(requests, answers) if not good(answer)]
    tap.ok(not wrong, f"{what}: {len(requests)} calls", "\n".join(wrong))


def allowed(answer):
    return answer == "Allowed"


def denied(answer):
    return answer in ("ImplicitlyDenied", "ExplicitlyDenied")


def everywhere(*rows):
    """(actions, resources[, context]) as single requests."""
    return [(action, resource, row[2] if len(row) > 2 else {}) for row in rows for action in row[0].split() for resource in row[1]]


def service_calls(boundary):
    vpc, subnet, table, acl, group, flow = (EC2 + kind for kind in (
        "vpc/vpc-1", "subnet/subnet-1", "route-table/rtb-1", "network-acl/acl-1", "security-group/sg-1", "vpc-flow-log/fl-1"))
    return everywhere(
        ("ec2:CreateVpc ec2:DeleteVpc ec2:DescribeVpcAttribute ec2:CreateTags ec2:DeleteTags", [vpc]),
        ("ec2:ModifyVpcAttribute", [vpc], {"ec2:Attribute/EnableDnsSupport": "false"}), ("ec2:ModifyVpcAttribute", [vpc]),
        ("ec2:DescribeVpcs ec2:DescribeSubnets ec2:DescribeRouteTables ec2:DescribeNetworkAcls ec2:DescribeSecurityGroups "
         "ec2:DescribeAvailabilityZones ec2:DescribeNetworkInterfaces ec2:DescribeFlowLogs ec2:DescribeSecurityGroupRules "
         "ec2:DescribeTags ec2:DescribeInstances ec2:DescribeVpcEncryptionControls ec2:GetSecurityGroupsForVpc", ["*"]),
        ("ec2:CreateSubnet", [subnet, vpc]), ("ec2:DeleteSubnet ec2:ModifySubnetAttribute", [subnet]),
        ("ec2:CreateRouteTable", [table, vpc]), ("ec2:DeleteRouteTable", [table]),
        ("ec2:AssociateRouteTable ec2:DisassociateRouteTable ec2:ReplaceRouteTableAssociation", [table, subnet]),
        ("ec2:CreateNetworkAcl", [acl, vpc]), ("ec2:DeleteNetworkAcl", [acl]), ("ec2:ReplaceNetworkAclAssociation", [acl, subnet]),
        ("ec2:CreateSecurityGroup", [group, vpc]),
        ("ec2:DeleteSecurityGroup ec2:AuthorizeSecurityGroupEgress ec2:RevokeSecurityGroupEgress "
         "ec2:UpdateSecurityGroupRuleDescriptionsEgress", [group]),
        ("ec2:CreateFlowLogs", [flow, vpc]), ("ec2:DeleteFlowLogs", [flow]),
        ("logs:CreateLogGroup logs:DeleteLogGroup logs:PutRetentionPolicy logs:DeleteRetentionPolicy logs:PutMetricFilter "
         "logs:DeleteMetricFilter logs:DescribeMetricFilters logs:AssociateKmsKey logs:DisassociateKmsKey "
         "logs:GetDataProtectionPolicy", [f"{LOGS}:*", f"{LOGS}/flow:*"]),
        ("logs:TagResource logs:UntagResource logs:ListTagsForResource", [LOGS, f"{LOGS}/flow"]),
        ("logs:DescribeLogGroups logs:DescribeResourcePolicies logs:DescribeIndexPolicies", ["*"]),
        ("cloudwatch:PutMetricAlarm cloudwatch:DeleteAlarms cloudwatch:DescribeAlarms cloudwatch:TagResource "
         "cloudwatch:UntagResource cloudwatch:ListTagsForResource", [ALARM]),
        ("lambda:CreateFunction lambda:UpdateFunctionConfiguration", [LAMBDA], IN_VPC),
        ("lambda:GetFunction lambda:DeleteFunction lambda:UpdateFunctionCode lambda:PutFunctionConcurrency lambda:ListTags "
         "lambda:DeleteFunctionConcurrency lambda:PutFunctionEventInvokeConfig lambda:DeleteFunctionEventInvokeConfig "
         "lambda:GetFunctionEventInvokeConfig lambda:UpdateFunctionEventInvokeConfig lambda:PutRuntimeManagementConfig "
         "lambda:GetRuntimeManagementConfig lambda:PutFunctionRecursionConfig lambda:GetFunctionRecursionConfig "
         "lambda:GetFunctionScalingConfig lambda:GetFunctionCodeSigningConfig lambda:TagResource lambda:UntagResource "
         "lambda:RemovePermission lambda:GetPolicy", [LAMBDA]),
        ("lambda:AddPermission", [LAMBDA], {"lambda:Principal": CALLER}),
        ("s3:GetObject s3:GetObjectVersion", [f"arn:aws:s3:::{bucket()}/{STACK}/abc"]),
        ("iam:GetRole iam:GetRolePolicy iam:DeleteRole iam:DeleteRolePolicy iam:TagRole iam:UntagRole iam:ListRolePolicies "
         "iam:ListAttachedRolePolicies iam:ListRoleTags iam:UpdateAssumeRolePolicy iam:UpdateRole iam:UpdateRoleDescription", [ROLE]),
        ("iam:CreateRole iam:PutRolePolicy iam:PutRolePermissionsBoundary", [ROLE], {"iam:PermissionsBoundary": boundary}),
        ("iam:PassRole", [ROLE], {"iam:PassedToService": "lambda.amazonaws.com"}),
        ("iam:PassRole", [ROLE], {"iam:PassedToService": "vpc-flow-logs.amazonaws.com"}),
    )


# What no rendered template has, with the actions of a handler's list that concern it alone.
ABSENT = {
    "flow logs of Auto Scaling groups": "autoscaling:DescribeTags",
    "IPv6": "ec2:AssociateSubnetCidrBlock ec2:DisassociateSubnetCidrBlock",
    "ingress":
        "ec2:AuthorizeSecurityGroupIngress ec2:RevokeSecurityGroupIngress "
        "ec2:UpdateSecurityGroupRuleDescriptionsIngress",
    "VpcEncryptionControl": "ec2:CreateVpcEncryptionControl",
    "InstanceTenancy": "ec2:ModifyVpcTenancy",
    "FileSystemConfigs": "elasticfilesystem:DescribeMountTargets s3files:ListMountTargets",
    "delivery of logs elsewhere": "firehose:TagDeliveryStream logs:CreateLogDelivery logs:DeleteLogDelivery s3:REST.PUT.OBJECT",
    "flow logs into S3": "s3:GetBucketPolicy s3:PutBucketPolicy",
    "managed policies of a role": "iam:AttachRolePolicy iam:DetachRolePolicy",
    "flow logs into S3 or Firehose": "iam:CreateServiceLinkedRole",
    "a role without its boundary": "iam:DeleteRolePermissionsBoundary",
    "KmsKeyArn of the function": "kms:CreateGrant kms:Decrypt kms:DescribeKey kms:Encrypt kms:GenerateDataKey",
    "a runtime by alias": "lambda:AssociateRuntimeAlias",
    "CapacityProviderConfig": "lambda:PassCapacityProvider",
    "CodeSigningConfigArn": "lambda:GetCodeSigningConfig lambda:PutFunctionCodeSigningConfig lambda:DeleteFunctionCodeSigningConfig",
    "Layers": "lambda:GetLayerVersion",
    "PublishToLatestPublished": "lambda:PublishVersion",
    "FunctionScalingConfig": "lambda:PutFunctionScalingConfig",
    "DataProtectionPolicy": "logs:DeleteDataProtectionPolicy logs:PutDataProtectionPolicy",
    "FieldIndexPolicies": "logs:DeleteIndexPolicy logs:PutIndexPolicy",
    "ResourcePolicyDocument": "logs:DeleteResourcePolicy logs:PutResourcePolicy",
    "BearerTokenAuthenticationEnabled": "logs:PutBearerTokenAuthentication",
    "DeletionProtectionEnabled": "logs:PutLogGroupDeletionProtection",
}
NOT_NEEDED = {action: why for why, actions in ABSENT.items() for action in actions.split()}


def boundary_arn():
    return f"arn:aws:iam::{A}:policy/sandboxgen/{STACK}/sandboxgen-boundary-29f4d531"


def bucket():
    return f"sandboxgen-{A}-{R}-29f4d531"
