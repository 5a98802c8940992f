"""Acceptance: what the two roles of bootstrap.yaml may do, by iam-simulate (npm): every call of a deployment, an update and a
deletion; and none of two hundred that would open the sandbox or get somebody more rights.

The calls of the deploy role are recorded from sam-cli (test_recorded below); those of the service role are what CloudFormation's
handlers make for the types of the template, by the handlers' own lists of permissions.
"""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "lib"))
import bench
import loopback
import tap

R, A = bench.REGION, "111122223333"
STACK, NAME = "secure-python-executor-stack", "workflow-python-executor"
CALLER = f"arn:aws:iam::{A}:role/app/workflow"
SPEC = {"deploy": {"repository": "acme/sandbox", "repository_id": 7, "owner_id": 8, "account": A},
        "network": {"flow_logs": True}, "alarms": {"enabled": True}, "invokers": [CALLER], "concurrency": 10}

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
        ("ec2:CreateVpc ec2:DeleteVpc ec2:ModifyVpcAttribute ec2:DescribeVpcAttribute ec2:CreateTags ec2:DeleteTags", [vpc]),
        ("ec2:DescribeVpcs ec2:DescribeSubnets ec2:DescribeRouteTables ec2:DescribeNetworkAcls ec2:DescribeSecurityGroups "
         "ec2:DescribeAvailabilityZones ec2:DescribeNetworkInterfaces ec2:DescribeFlowLogs ec2:DescribeSecurityGroupRules", ["*"]),
        ("ec2:CreateSubnet", [subnet, vpc]), ("ec2:DeleteSubnet ec2:ModifySubnetAttribute", [subnet]),
        ("ec2:CreateRouteTable", [table, vpc]), ("ec2:DeleteRouteTable", [table]),
        ("ec2:AssociateRouteTable ec2:DisassociateRouteTable", [table, subnet]),
        ("ec2:CreateNetworkAcl", [acl, vpc]), ("ec2:DeleteNetworkAcl", [acl]), ("ec2:ReplaceNetworkAclAssociation", [acl, subnet]),
        ("ec2:CreateSecurityGroup", [group, vpc]),
        ("ec2:DeleteSecurityGroup ec2:AuthorizeSecurityGroupEgress ec2:RevokeSecurityGroupEgress", [group]),
        ("ec2:CreateFlowLogs", [flow, vpc]), ("ec2:DeleteFlowLogs", [flow]),
        ("logs:CreateLogGroup logs:DeleteLogGroup logs:PutRetentionPolicy logs:PutMetricFilter logs:DeleteMetricFilter "
         "logs:DescribeMetricFilters logs:AssociateKmsKey", [f"{LOGS}:*", f"{LOGS}/flow:*"]),
        ("logs:TagResource logs:UntagResource logs:ListTagsForResource", [LOGS, f"{LOGS}/flow"]),
        ("logs:DescribeLogGroups", ["*"]),
        ("cloudwatch:PutMetricAlarm cloudwatch:DeleteAlarms cloudwatch:DescribeAlarms cloudwatch:TagResource", [ALARM]),
        ("lambda:CreateFunction lambda:UpdateFunctionConfiguration", [LAMBDA], IN_VPC),
        ("lambda:GetFunction lambda:DeleteFunction lambda:UpdateFunctionCode lambda:PutFunctionConcurrency lambda:ListTags "
         "lambda:DeleteFunctionConcurrency lambda:PutFunctionEventInvokeConfig lambda:DeleteFunctionEventInvokeConfig "
         "lambda:GetFunctionEventInvokeConfig lambda:UpdateFunctionEventInvokeConfig lambda:PutRuntimeManagementConfig "
         "lambda:GetRuntimeManagementConfig lambda:PutFunctionRecursionConfig lambda:GetFunctionRecursionConfig "
         "lambda:GetFunctionCodeSigningConfig lambda:TagResource lambda:UntagResource lambda:RemovePermission lambda:GetPolicy",
         [LAMBDA]),
        ("lambda:AddPermission", [LAMBDA], {"lambda:Principal": CALLER}),
        ("s3:GetObject s3:GetObjectVersion", [f"arn:aws:s3:::{bucket()}/{STACK}/abc"]),
        ("iam:GetRole iam:GetRolePolicy iam:DeleteRole iam:DeleteRolePolicy iam:TagRole iam:UntagRole iam:ListRolePolicies "
         "iam:ListAttachedRolePolicies iam:UpdateAssumeRolePolicy iam:UpdateRole", [ROLE]),
        ("iam:CreateRole iam:PutRolePolicy iam:PutRolePermissionsBoundary", [ROLE], {"iam:PermissionsBoundary": boundary}),
        ("iam:PassRole", [ROLE], {"iam:PassedToService": "lambda.amazonaws.com"}),
        ("iam:PassRole", [ROLE], {"iam:PassedToService": "vpc-flow-logs.amazonaws.com"}),
    )


def bucket():
    return f"sandboxgen-{A}-{R}-29f4d531"


def hostile_calls(arns, boundary):
    """What opens the sandbox, or gives whoever has the role more than it has.  None of it may either role do."""
    vpc, table, acl, group, subnet, interface = (EC2 + kind for kind in (
        "vpc/vpc-1", "route-table/rtb-1", "network-acl/acl-1", "security-group/sg-1", "subnet/subnet-1", "network-interface/eni-1"))
    admin, other = f"arn:aws:iam::{A}:role/Admin", f"arn:aws:iam::{A}:user/eve"
    policy = boundary
    rows = [
        ("ec2:CreateInternetGateway ec2:AttachInternetGateway", [EC2 + "internet-gateway/igw-1"]),
        ("ec2:CreateNatGateway", [EC2 + "natgateway/nat-1", subnet]),
        ("ec2:CreateEgressOnlyInternetGateway", [EC2 + "egress-only-internet-gateway/eigw-1", vpc]),
        ("ec2:CreateCarrierGateway", [EC2 + "carrier-gateway/cagw-1", vpc]),
        ("ec2:CreateTransitGateway", [EC2 + "transit-gateway/tgw-1"]),
        ("ec2:CreateTransitGatewayVpcAttachment", [EC2 + "transit-gateway-attachment/tgw-attach-1", vpc, subnet]),
        ("ec2:AcceptTransitGatewayVpcAttachment", [EC2 + "transit-gateway-attachment/tgw-attach-1"]),
        ("ec2:CreateTransitGatewayRoute", [EC2 + "transit-gateway-route-table/tgw-rtb-1"]),
        ("ec2:CreateVpnGateway ec2:AttachVpnGateway", [EC2 + "vpn-gateway/vgw-1"]),
        ("ec2:CreateVpnConnection", [EC2 + "vpn-connection/vpn-1"]),
        ("ec2:EnableVgwRoutePropagation", [table, EC2 + "vpn-gateway/vgw-1"]),
        ("ec2:CreateVpcPeeringConnection ec2:AcceptVpcPeeringConnection", [EC2 + "vpc-peering-connection/pcx-1", vpc]),
        ("ec2:CreateVpcEndpoint ec2:ModifyVpcEndpoint", [EC2 + "vpc-endpoint/vpce-1", subnet, group]),
        ("ec2:CreateVpcEndpointServiceConfiguration", [EC2 + "vpc-endpoint-service/vpce-svc-1"]),
        ("ec2:CreateInstanceConnectEndpoint", [EC2 + "instance-connect-endpoint/eice-1", subnet]),
        ("ec2:CreateRoute ec2:ReplaceRoute", [table]),
        ("ec2:CreateRouteServer", [EC2 + "route-server/rs-1"]),
        ("ec2:AssociateRouteServer ec2:EnableRouteServerPropagation", [EC2 + "route-server/rs-1"]),
        ("ec2:AssociateVpcCidrBlock", [vpc]), ("ec2:AssociateSubnetCidrBlock", [subnet]),
        ("ec2:AssociateDhcpOptions", [vpc]), ("ec2:AssociateSecurityGroupVpc", [group, vpc]),
        ("ec2:AllocateAddress ec2:AssociateAddress", [EC2 + "elastic-ip/eipalloc-1"]),
        ("ec2:CreateNetworkAclEntry ec2:ReplaceNetworkAclEntry", [acl]),
        ("ec2:AuthorizeSecurityGroupIngress", [group]),
        ("ec2:CreateNetworkInterface", [interface, subnet]), ("ec2:AttachNetworkInterface", [interface]),
        ("ec2:RunInstances", [subnet, group, interface]),
        ("ec2:CreateLocalGatewayRoute", [EC2 + "local-gateway-route-table/lgw-rtb-1"]),
        ("vpc-lattice:CreateServiceNetwork", [f"arn:aws:vpc-lattice:{R}:{A}:servicenetwork/sn-1"]),
        ("ram:CreateResourceShare", ["*"]), ("route53:AssociateVPCWithHostedZone", ["arn:aws:route53:::hostedzone/Z1"]),
        ("route53resolver:CreateResolverEndpoint", [f"arn:aws:route53resolver:{R}:{A}:resolver-endpoint/r"]),
        ("route53profiles:AssociateProfile", ["*"]),
        ("directconnect:CreateConnection", ["*"]),
        ("lambda:CreateFunction lambda:UpdateFunctionConfiguration", [LAMBDA]),
        ("lambda:CreateFunction lambda:UpdateFunctionConfiguration", [LAMBDA],
         {**IN_VPC, "lambda:Layer": [f"arn:aws:lambda:{R}:999999999999:layer:x:1"]}),
        ("lambda:CreateFunction lambda:UpdateFunctionCode lambda:InvokeFunction lambda:DeleteFunction",
         [f"arn:aws:lambda:{R}:{A}:function:another"], IN_VPC),
        ("lambda:CreateFunctionUrlConfig lambda:UpdateFunctionUrlConfig lambda:InvokeFunction lambda:CreateAlias "
         "lambda:PublishVersion", [LAMBDA]),
        ("lambda:AddPermission", [LAMBDA], {"lambda:Principal": "*"}),
        ("lambda:AddPermission", [LAMBDA], {"lambda:Principal": "999999999999"}),
        ("lambda:AddPermission", [LAMBDA], {"lambda:Principal": "s3.amazonaws.com"}),
        ("lambda:AddPermission", [LAMBDA]),
        ("lambda:PublishLayerVersion", [f"arn:aws:lambda:{R}:{A}:layer:x"]),
        ("lambda:AddLayerVersionPermission", [f"arn:aws:lambda:{R}:{A}:layer:x:1"]),
        ("logs:PutSubscriptionFilter", [f"{LOGS}:*"]), ("logs:GetLogEvents logs:PutLogEvents", [f"{LOGS}:log-stream:x"]),
        ("logs:PutResourcePolicy logs:PutAccountPolicy", ["*"]), ("logs:DeleteLogGroup", [f"arn:aws:logs:{R}:{A}:log-group:other:*"]),
        ("iam:CreateRole iam:PutRolePolicy", [ROLE]),
        ("iam:CreateRole iam:PutRolePolicy iam:PutRolePermissionsBoundary", [ROLE],
         {"iam:PermissionsBoundary": f"arn:aws:iam::{A}:policy/wide"}),
        ("iam:AttachRolePolicy iam:DeleteRolePermissionsBoundary", [ROLE]),
        ("iam:CreateRole iam:PutRolePolicy iam:UpdateAssumeRolePolicy iam:DeleteRole iam:PutRolePermissionsBoundary",
         [admin, *arns], {"iam:PermissionsBoundary": boundary}),
        ("iam:AttachRolePolicy iam:DeleteRolePolicy iam:TagRole", [admin, *arns]),
        ("iam:PassRole", [admin], {"iam:PassedToService": "lambda.amazonaws.com"}),
        ("iam:PassRole", [admin], {"iam:PassedToService": "cloudformation.amazonaws.com"}),
        ("iam:PassRole", [ROLE], {"iam:PassedToService": "ec2.amazonaws.com"}),
        ("iam:PassRole", [ROLE], {"iam:PassedToService": "glue.amazonaws.com"}),
        ("iam:PassRole", arns, {"iam:PassedToService": "lambda.amazonaws.com"}),
        ("iam:CreateUser iam:CreateAccessKey iam:CreateLoginProfile iam:UpdateLoginProfile iam:AttachUserPolicy iam:PutUserPolicy "
         "iam:DeleteUserPermissionsBoundary", [other]),
        ("iam:CreatePolicy iam:CreatePolicyVersion iam:SetDefaultPolicyVersion iam:DeletePolicy", [policy]),
        ("iam:CreateOpenIDConnectProvider iam:UpdateOpenIDConnectProviderThumbprint",
         [f"arn:aws:iam::{A}:oidc-provider/token.actions.githubusercontent.com"]),
        ("iam:CreateSAMLProvider", [f"arn:aws:iam::{A}:saml-provider/x"]),
        ("iam:CreateInstanceProfile", [f"arn:aws:iam::{A}:instance-profile/x"]),
        ("iam:CreateGroup iam:PutGroupPolicy iam:AttachGroupPolicy iam:AddUserToGroup", [f"arn:aws:iam::{A}:group/x"]),
        ("sts:AssumeRole", [admin, ROLE]),
        ("s3:GetObject s3:PutObject s3:DeleteObject", ["arn:aws:s3:::somebody-elses/x"]),
        ("s3:PutBucketPolicy s3:DeleteBucketPolicy s3:PutBucketPublicAccessBlock s3:PutBucketVersioning s3:DeleteBucket",
         [f"arn:aws:s3:::{bucket()}"]),
        ("s3:PutObjectAcl s3:DeleteObjectVersion", [f"arn:aws:s3:::{bucket()}/x"]),
        ("cloudformation:CreateStack cloudformation:UpdateStack cloudformation:SetStackPolicy", [CFN]),
        ("cloudformation:CreateChangeSet cloudformation:DeleteStack", [CFN]),
        ("cloudformation:CreateChangeSet", [CFN], {"cloudformation:RoleArn": admin}),
        ("cloudformation:CreateChangeSet cloudformation:ExecuteChangeSet cloudformation:DeleteStack",
         [f"arn:aws:cloudformation:{R}:{A}:stack/another/1", f"arn:aws:cloudformation:{R}:{A}:stack/{STACK}-bootstrap/1"]),
        ("ecs:RunTask", [f"arn:aws:ecs:{R}:{A}:task-definition/x:1"]), ("ssm:PutParameter", [f"arn:aws:ssm:{R}:{A}:parameter/x"]),
        ("secretsmanager:GetSecretValue", [f"arn:aws:secretsmanager:{R}:{A}:secret:x"]),
        ("kms:Decrypt kms:CreateGrant", [f"arn:aws:kms:{R}:{A}:key/1234abcd-12ab-34cd-56ef-1234567890ab"]),
        ("organizations:LeaveOrganization", ["*"]),
        ("ec2:StartInstances ec2:ModifyInstanceAttribute", [EC2 + "instance/i-1"]),
        ("ec2:ModifyTransitGateway", [EC2 + "transit-gateway/tgw-1"]), ("ec2:CreateVpnConnectionRoute", [EC2 + "vpn-connection/vpn-1"]),
        ("ec2:CreateManagedPrefixList ec2:ModifyManagedPrefixList", [EC2 + "prefix-list/pl-1"]),
        ("ec2:CreateTrafficMirrorSession", [EC2 + "traffic-mirror-session/tms-1"]),
        ("lambda:GetLayerVersion", [f"arn:aws:lambda:{R}:{A}:layer:x:1"]),
        ("lambda:UpdateEventSourceMapping lambda:DeleteEventSourceMapping", [f"arn:aws:lambda:{R}:{A}:event-source-mapping:x"]),
        ("lambda:PutFunctionConcurrency lambda:UpdateFunctionConfiguration lambda:AddPermission lambda:PutFunctionRecursionConfig",
         [f"arn:aws:lambda:{R}:{A}:function:{NAME}2", f"arn:aws:lambda:eu-west-1:{A}:function:{NAME}"], IN_VPC),
        ("iam:CreateRole iam:PutRolePolicy iam:PassRole iam:UpdateAssumeRolePolicy",
         [f"arn:aws:iam::{A}:role/sandboxgen/another-stack/x", f"arn:aws:iam::{A}:role/x", f"arn:aws:iam::999999999999:role/sandboxgen/{STACK}/x"],
         {"iam:PermissionsBoundary": boundary, "iam:PassedToService": "lambda.amazonaws.com"}),
        ("logs:PutMetricFilter logs:PutRetentionPolicy logs:CreateLogGroup", [f"arn:aws:logs:{R}:{A}:log-group:/aws/lambda/x:*"]),
        ("cloudwatch:PutMetricAlarm cloudwatch:DeleteAlarms", [f"arn:aws:cloudwatch:{R}:{A}:alarm:theirs"]),
        ("dynamodb:PutItem", [f"arn:aws:dynamodb:{R}:{A}:table/x"]), ("sqs:SendMessage", [f"arn:aws:sqs:{R}:{A}:x"]),
        ("sns:Publish", [f"arn:aws:sns:{R}:{A}:x"]), ("events:PutRule", [f"arn:aws:events:{R}:{A}:rule/x"]),
    ]
    return everywhere(*rows)


def the_service_role():
    _, roles = rendered()
    role, boundary = roles["ServiceRole"], f"arn:aws:iam::{A}:policy/sandboxgen/{STACK}/sandboxgen-boundary-29f4d531"
    expect(role, "the service role makes, changes and deletes the stack", service_calls(boundary), allowed)
    arns = [roles["ServiceRole"]["arn"], roles["DeployRole"]["arn"]]
    expect(role, "the service role cannot open the sandbox, nor get more rights", hostile_calls(arns, boundary), denied)
    tap.ok(len(hostile_calls(arns, boundary)) >= 200, "at least 200 hostile calls")


def the_deploy_role():
    _, roles = rendered()
    role, service = roles["DeployRole"], roles["ServiceRole"]["arn"]
    own = {"aws:ResourceAccount": A}
    expect(role, "the deploy role deploys", everywhere(
        ("cloudformation:DescribeStacks cloudformation:DescribeStackEvents cloudformation:GetTemplate "
         "cloudformation:GetTemplateSummary cloudformation:DescribeChangeSet cloudformation:ExecuteChangeSet "
         "cloudformation:ListStackResources cloudformation:DeleteChangeSet", [CFN]),
        ("cloudformation:CreateChangeSet cloudformation:DeleteStack", [CFN], {"cloudformation:RoleArn": service}),
        ("iam:PassRole", [service], {"iam:PassedToService": "cloudformation.amazonaws.com"}),
        ("s3:ListBucket s3:GetBucketLocation", [f"arn:aws:s3:::{bucket()}"], own),
        ("s3:PutObject s3:GetObject s3:DeleteObject s3:AbortMultipartUpload", [f"arn:aws:s3:::{bucket()}/{STACK}/abc"], own)), allowed)
    boundary = f"arn:aws:iam::{A}:policy/sandboxgen/{STACK}/sandboxgen-boundary-29f4d531"
    arns = [roles["ServiceRole"]["arn"], roles["DeployRole"]["arn"]]
    expect(role, "the deploy role can do none of it either", hostile_calls(arns, boundary), denied)
    expect(role, "nor what the service role does", [
        call for call in service_calls(boundary) if call[0] not in ("s3:GetObject",)], denied)
    expect(role, "nor store artifacts in a bucket of the same name in another account", everywhere(
        ("s3:PutObject", [f"arn:aws:s3:::{bucket()}/x"], {"aws:ResourceAccount": "999999999999"})), denied)


def the_transform():
    """iam-simulate's catalogue does not have transforms among the resources of CreateChangeSet; AWS asks for them."""
    _, roles = rendered()
    statements = roles["DeployRole"]["policies"]["deploy-one-stack"]["Statement"]
    found = [row for row in statements if row["Action"] == "cloudformation:CreateChangeSet"]
    tap.same([(row["Resource"], row.get("Condition")) for row in found], [(TRANSFORM, None)], "the transform may be used")


def the_trust():
    _, roles = rendered()
    statement, = roles["DeployRole"]["trust"]["Statement"]
    equals = statement["Condition"]["StringEquals"]
    provider = "token.actions.githubusercontent.com"
    tap.same(statement["Condition"].keys(), {"StringEquals"}, "the deploy role's trust compares to the letter alone")
    tap.same(equals[f"{provider}:aud"], "sts.amazonaws.com", "the audience")
    tap.same(equals[f"{provider}:sub"], ["repo:acme/sandbox:environment:production",
                                         "repo:acme@8/sandbox@7:environment:production"], "both forms of the subject")
    tap.same(statement["Principal"], {"Federated": f"arn:aws:iam::{A}:oidc-provider/{provider}"}, "the provider")


class Recorder:
    """An emulator behind a proxy that writes down each call."""

    def __init__(self):
        self.home = bench.scratch()
        back, front = loopback.free_port(), loopback.free_port()
        env = bench.clean_env(HOME=self.home, TMPDIR=self.home)
        moto = [bench.venv("EMULATORS", "python"), "-B", bench.HERE / "drivers" / "moto_server.py", str(back)]
        self.servers = [loopback.Server(moto, back, env, self.home / "moto.log", cwd=self.home).wait_ready()]
        proxy = [sys.executable, "-B", bench.HERE / "drivers" / "recording_proxy.py", str(front), str(back), self.home / "calls"]
        self.servers.append(loopback.Server(proxy, front, env, self.home / "proxy.log", cwd=self.home).wait_ready())
        self.env = bench.clean_env(HOME=self.home, TMPDIR=self.home, AWS_ENDPOINT_URL=f"http://localhost:{front}",
                                   PATH=f"{pathlib.Path(bench.SANDBOXGEN).parent}:/usr/local/bin:/usr/bin:/bin")

    def calls(self):
        return {line for line in (self.home / "calls").read_text().splitlines() if line}


def recorded():
    """sam-cli deploys, updates and deletes: each call that it makes is one that the deploy role may make."""
    place, roles = rendered()
    cloud = Recorder()
    role, service = roles["DeployRole"], roles["ServiceRole"]["arn"]
    sam = bench.venv("SAM", "sam")
    bench.run(bench.tool("AWS"), "--endpoint-url", cloud.env["AWS_ENDPOINT_URL"], "s3api", "create-bucket", "--bucket", bucket(),
              "--create-bucket-configuration", f"LocationConstraint={R}", env=cloud.env)
    (cloud.home / "calls").write_text("")
    for what, arguments in (("sam build", ("build",)), ("sam deploy", ("deploy", "--no-confirm-changeset"))):
        result = bench.run(sam, *arguments, cwd=place, env=cloud.env)
        tap.ok(result.status == 0, what, result)
    text = (place / ".aws-sam" / "build" / "template.yaml").read_text()
    (place / ".aws-sam" / "build" / "template.yaml").write_text(text.replace("MemorySize: 256", "MemorySize: 512"))
    result = bench.run(sam, "deploy", "--no-confirm-changeset", cwd=place, env=cloud.env)
    tap.ok(result.status == 0, "sam deploy as an update", result)
    result = bench.run(sam, "delete", "--no-prompts", "--stack-name", STACK, "--region", R, "--s3-bucket", bucket(), cwd=place,
                       env=cloud.env)
    # moto deletes a stack's VPC before what is in it
    tap.ok(result.status == 0 or "DependencyViolation" in result.out + result.err, "sam delete asks for the deletion", result)
    resources = {"cloudformation": CFN, "s3-object": f"arn:aws:s3:::{bucket()}/x", "s3-bucket": f"arn:aws:s3:::{bucket()}"}
    requests = []
    for call in sorted(cloud.calls()):
        kind, action = call.split()
        context = {"aws:ResourceAccount": A} if kind.startswith("s3") else {}
        if action in ("cloudformation:CreateChangeSet", "cloudformation:DeleteStack"):
            context = {"cloudformation:RoleArn": service}
        if kind != "sts":
            requests.append((action, resources[kind], context))
    tap.note(" ".join(sorted(action for action, _, _ in requests)))
    wanted = {"CreateChangeSet", "ExecuteChangeSet", "DescribeStacks", "DeleteStack"}
    tap.ok(wanted <= {action.split(":")[1] for action, _, _ in requests}, "the calls were recorded", requests)
    expect(role, "what sam-cli called", requests, allowed)
    for server in cloud.servers:
        server.stop()


if __name__ == "__main__":
    tap.main(the_service_role, the_deploy_role, the_transform, the_trust, recorded)
