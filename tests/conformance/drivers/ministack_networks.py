"""ministack on 127.0.0.1 for networks:  ministack_networks.py PORT

Types that its CloudFormation does not make, but its EC2 does, are made by that: each handler below calls ministack's own EC2
action with the resolved properties, so that its Describe actions tell of them.  Its ReplaceNetworkAclAssociation forgets the
subnet; associations go where that action would have put them.  Ports of ACL entries are kept by none of its actions.
"""
import os
import re
import sys

PORT = sys.argv[1]
os.environ.update(
    BIND_HOST="127.0.0.1", GATEWAY_PORT=PORT, LAMBDA_EXECUTOR="local", PERSIST_STATE="0", IOT_MTLS_ENABLED="0",
    LOG_LEVEL="ERROR")
sys.argv[1:] = []

from ministack.app import main
from ministack.services import ec2
from ministack.services.cloudformation import provisioners


def flat(value, key=""):
    """Properties as EC2's query parameters: lists are numbered."""
    if isinstance(value, dict):
        return {k: v for name, x in value.items() for k, v in flat(x, f"{key}.{name}" if key else name).items()}
    if isinstance(value, list):
        return {k: v for i, x in enumerate(value, 1) for k, v in flat(x, f"{key}.{i}").items()}
    return {key: [str(value).lower() if isinstance(value, bool) else str(value)]}


def call(action, **parameters):
    status, _, body = action(flat(parameters))[:3]
    text = body.decode() if isinstance(body, bytes) else body
    if status != 200:
        raise ValueError(text)
    return text


def made_by(action, tag):
    def create(logical_id, properties, stack_name):
        text = call(action, **{k: v for k, v in properties.items() if k != "Tags"})
        made = re.search(f"<{tag}>([^<]+)</{tag}>", text).group(1)
        return made, {"Id": made, "PrefixListId": made, "InternetGatewayId": made}
    return create


def prefix_list(logical_id, properties, stack_name):
    made = made_by(ec2._create_managed_prefix_list, "prefixListId")
    return made(logical_id, {**{k: v for k, v in properties.items() if k != "Entries"}, "Entry": properties["Entries"]}, "")


def peering(logical_id, properties, stack_name):
    made, attributes = made_by(ec2._create_vpc_peering_connection, "vpcPeeringConnectionId")(logical_id, properties, "")
    call(ec2._accept_vpc_peering_connection, VpcPeeringConnectionId=made)
    return made, attributes


def instance(logical_id, properties, stack_name):
    groups = properties.get("SecurityGroupIds") or []
    if not groups:
        subnet = ec2._subnets[properties["SubnetId"]]
        groups = [g["GroupId"] for g in ec2._security_groups.values()
                  if g["VpcId"] == subnet["VpcId"] and g["GroupName"] == "default"]
    text = call(ec2._run_instances, ImageId="ami-1", SubnetId=properties["SubnetId"], SecurityGroupId=groups)
    return re.search("<instanceId>([^<]+)<", text).group(1), {}


def rule(egress):
    def create(logical_id, properties, stack_name):
        permission, = provisioners._ec2_sg_permissions([properties])
        group = ec2._security_groups[properties["GroupId"]]
        group["IpPermissionsEgress" if egress else "IpPermissions"].append(permission)
        return f"{stack_name}-{logical_id}", {}
    return create


def acl_entry(logical_id, properties, stack_name):
    call(ec2._create_network_acl_entry, **{k: v for k, v in properties.items() if k not in ("PortRange", "Icmp")})
    return f"{stack_name}-{logical_id}", {}


def acl_association(logical_id, properties, stack_name):
    for acl in ec2._network_acls.values():
        acl["Associations"] = [a for a in acl["Associations"] if a["SubnetId"] != properties["SubnetId"]]
    made = f"aclassoc-{stack_name}-{logical_id}"
    ec2._network_acls[properties["NetworkAclId"]]["Associations"].append(
        {"NetworkAclAssociationId": made, "SubnetId": properties["SubnetId"]})
    return made, {}


MADE = {
    "NatGateway": made_by(ec2._create_nat_gateway, "natGatewayId"),
    "VPNGateway": made_by(ec2._create_vpn_gateway, "vpnGatewayId"),
    "VPCPeeringConnection": peering,
    "PrefixList": prefix_list,
    "Instance": instance,
    "SecurityGroupEgress": rule(True),
    "SecurityGroupIngress": rule(False),
    "NetworkAcl": made_by(ec2._create_network_acl, "networkAclId"),
    "NetworkAclEntry": acl_entry,
    "SubnetNetworkAclAssociation": acl_association,
}
for kind, create in MADE.items():
    provisioners._RESOURCE_HANDLERS["AWS::EC2::" + kind] = {"create": create, "delete": lambda physical_id, properties: None}
main()
