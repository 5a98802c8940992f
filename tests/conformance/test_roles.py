"""Acceptance: what the two roles of bootstrap.yaml may do, by iam-simulate (npm): every call of a deployment, an update and a
deletion; and none of more than two hundred that would open the sandbox or get somebody more rights.

What the service role calls is what CloudFormation's handlers make for the types of the template, by the handlers' own lists of
permissions.  test_enforced.py has the two roles deploy.
"""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "lib"))
import bench
import tap
from roles import (A, CALLER, CFN, EC2, IN_VPC, LAMBDA, LOGS, NAME, NOT_NEEDED, R, ROLE, STACK, TRANSFORM, allowed, boundary_arn, bucket,
                   denied, everywhere, expect, rendered, service_calls)


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
        ("cloudformation:CreateChangeSet", [CFN]),
        ("cloudformation:CreateChangeSet cloudformation:DeleteStack", [CFN], {"cloudformation:RoleArn": admin}),
        ("cloudformation:CreateStackSet", ["*"]),
        ("cloudformation:RegisterType cloudformation:ActivateType cloudformation:SetTypeConfiguration", ["*"]),
        ("cloudformation:CancelUpdateStack cloudformation:ContinueUpdateRollback cloudformation:UpdateTerminationProtection", [CFN]),
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
        ("ec2:ModifyVpcAttribute", [vpc], {"ec2:Attribute/EnableDnsSupport": "true"}),
        ("ec2:CreateDhcpOptions", [EC2 + "dhcp-options/dopt-1"]), ("ec2:AssignIpv6Addresses", [interface]),
        ("ec2:ModifyNetworkInterfaceAttribute ec2:CreateNetworkInterfacePermission ec2:DetachNetworkInterface", [interface]),
        ("ec2:CreateClientVpnEndpoint", [EC2 + "client-vpn-endpoint/cvpn-1"]),
        ("ec2:CreateVerifiedAccessEndpoint", [EC2 + "verified-access-endpoint/vae-1", subnet, group]),
        ("ec2:ModifyVpcBlockPublicAccessOptions", ["*"]),
        ("ec2:CreateVpcBlockPublicAccessExclusion", [EC2 + "vpc-block-public-access-exclusion/x", vpc]),
        ("ec2:RequestSpotInstances ec2:CreateFleet", [EC2 + "subnet/subnet-1"]),
        ("elasticloadbalancing:CreateLoadBalancer", [f"arn:aws:elasticloadbalancing:{R}:{A}:loadbalancer/net/x/1"]),
        ("network-firewall:CreateFirewall", [f"arn:aws:network-firewall:{R}:{A}:firewall/x"]),
        ("globalaccelerator:CreateAccelerator", ["*"]),
        ("elasticfilesystem:CreateMountTarget", [f"arn:aws:elasticfilesystem:{R}:{A}:file-system/fs-1"]),
        ("lambda:UpdateAlias lambda:InvokeFunctionUrl", [f"{LAMBDA}:x"]),
        ("lambda:InvokeAsync lambda:PutFunctionCodeSigningConfig lambda:DeleteFunctionCodeSigningConfig", [LAMBDA]),
        ("lambda:CreateEventSourceMapping lambda:CreateCodeSigningConfig", ["*"]),
        ("logs:CreateExportTask logs:PutDataProtectionPolicy logs:StartLiveTail", [f"{LOGS}:*"]),
        ("logs:PutDeliverySource", [f"arn:aws:logs:{R}:{A}:delivery-source:x"]),
        ("logs:PutDeliveryDestination", [f"arn:aws:logs:{R}:{A}:delivery-destination:x"]),
        ("logs:CreateDelivery", [f"arn:aws:logs:{R}:{A}:delivery:x"]),
        ("logs:PutDestination", [f"arn:aws:logs:{R}:{A}:destination:x"]),
        ("iam:CreateServiceLinkedRole", [f"arn:aws:iam::{A}:role/aws-service-role/x.amazonaws.com/x"]),
        ("iam:AddRoleToInstanceProfile", [f"arn:aws:iam::{A}:instance-profile/x"]),
        ("iam:UpdateAccountPasswordPolicy iam:CreateAccountAlias", ["*"]),
        ("iam:CreateServiceSpecificCredential iam:UploadSSHPublicKey iam:DeactivateMFADevice iam:UpdateUser", [other]),
        ("sts:GetFederationToken", [f"arn:aws:sts::{A}:federated-user/x"]),
        ("sso:CreateAccountAssignment", ["arn:aws:sso:::instance/ssoins-1"]), ("rolesanywhere:CreateTrustAnchor", ["*"]),
        ("s3:PutBucketAcl s3:PutReplicationConfiguration s3:PutBucketNotification s3:PutLifecycleConfiguration s3:PutBucketOwnershipControls",
         [f"arn:aws:s3:::{bucket()}"]),
        ("kms:PutKeyPolicy kms:ScheduleKeyDeletion", [f"arn:aws:kms:{R}:{A}:key/1234abcd-12ab-34cd-56ef-1234567890ab"]),
        ("ssm:SendCommand", [f"arn:aws:ssm:{R}:{A}:document/x"]), ("codebuild:StartBuild", [f"arn:aws:codebuild:{R}:{A}:project/x"]),
        ("states:CreateStateMachine", [f"arn:aws:states:{R}:{A}:stateMachine:x"]),
        ("scheduler:CreateSchedule", [f"arn:aws:scheduler:{R}:{A}:schedule/x/y"]), ("glue:CreateJob", [f"arn:aws:glue:{R}:{A}:job/x"]),
        ("xray:PutTraceSegments cloudwatch:PutMetricData", ["*"]),
        ("events:PutTargets", [f"arn:aws:events:{R}:{A}:rule/x"]), ("sns:AddPermission", [f"arn:aws:sns:{R}:{A}:x"]),
        ("sqs:AddPermission", [f"arn:aws:sqs:{R}:{A}:x"]), ("ec2:MoveAddressToVpc ec2:CreateDefaultVpc", ["*"]),
        ("secretsmanager:PutResourcePolicy", [f"arn:aws:secretsmanager:{R}:{A}:secret:x"]), ("cloudtrail:StopLogging", [f"arn:aws:cloudtrail:{R}:{A}:trail/x"]),
        ("dynamodb:PutItem", [f"arn:aws:dynamodb:{R}:{A}:table/x"]), ("sqs:SendMessage", [f"arn:aws:sqs:{R}:{A}:x"]),
        ("sns:Publish", [f"arn:aws:sns:{R}:{A}:x"]), ("events:PutRule", [f"arn:aws:events:{R}:{A}:rule/x"]),
    ]
    return everywhere(*rows)


def the_service_role():
    _, roles = rendered()
    role, boundary = roles["ServiceRole"], boundary_arn()
    expect(role, "the service role makes, changes and deletes the stack", service_calls(boundary), allowed)
    arns = [roles["ServiceRole"]["arn"], roles["DeployRole"]["arn"]]
    expect(role, "the service role cannot open the sandbox, nor get more rights", hostile_calls(arns, boundary), denied)
    calls = hostile_calls(arns, boundary)
    actions = {action for action, _, _ in calls}
    services = {action.split(":")[0] for action in actions}
    tap.ok(len({json.dumps(call) for call in calls}) >= 275 and len(actions) >= 200 and len(services) >= 30,
           f"{len(calls)} hostile calls, {len(actions)} actions of {len(services)} services")


def the_handlers():
    """Each action that CloudFormation's handlers list for the types of the template is a call above, or there is a reason."""
    place, _ = rendered()
    made = bench.driver("LINT", "translate.py", place / "template.yaml")
    (place / "cloudformation.json").write_text(made.out)
    kinds = bench.driver("LINT", "handlers.py", place / "cloudformation.json").json()
    silent = [kind for kind, operations in kinds.items() if not operations["create"]]
    tap.ok(len(kinds) >= 16 and not silent, f"the handlers of {len(kinds)} types say what they call", silent)
    listed = {action for operations in kinds.values() for actions in operations.values() for action in actions}
    asked = {action for action, _, _ in service_calls(boundary_arn())}
    tap.same(sorted(listed - asked - set(NOT_NEEDED)), [], f"each of their {len(listed)} actions is asked for, or not needed")
    tap.same(sorted(set(NOT_NEEDED) - listed), [], "no reason is for an action that is in no list")
    tap.same(sorted(asked & set(NOT_NEEDED)), [], "nor for one that is asked for")


def the_deploy_role():
    _, roles = rendered()
    role, service = roles["DeployRole"], roles["ServiceRole"]["arn"]
    own = {"aws:ResourceAccount": A}
    expect(role, "the deploy role deploys", everywhere(
        ("cloudformation:DescribeStacks cloudformation:DescribeStackEvents cloudformation:GetTemplate "
         "cloudformation:GetTemplateSummary cloudformation:DescribeChangeSet cloudformation:ExecuteChangeSet "
         "cloudformation:ListStackResources cloudformation:DeleteChangeSet", [CFN]),
        ("cloudformation:CreateChangeSet cloudformation:DeleteStack", [CFN], {"cloudformation:RoleArn": service}),
        ("cloudformation:DeleteStack", [CFN]),
        ("iam:PassRole", [service], {"iam:PassedToService": "cloudformation.amazonaws.com"}),
        ("s3:ListBucket s3:GetBucketLocation", [f"arn:aws:s3:::{bucket()}"], own),
        ("s3:PutObject s3:GetObject s3:DeleteObject s3:AbortMultipartUpload", [f"arn:aws:s3:::{bucket()}/{STACK}/abc"], own)), allowed)
    boundary = boundary_arn()
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
    tap.same([row.get("Condition") for row in found if row["Resource"] == TRANSFORM], [None], "the transform may be used")


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


if __name__ == "__main__":
    tap.main(the_service_role, the_handlers, the_deploy_role, the_transform, the_trust)
