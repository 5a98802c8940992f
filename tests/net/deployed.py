"""Random networks deployed into ministack: sandboxgen's verdicts on the templates beside those of the packet-walk simulator on
what ministack's Describe calls return.

    deployed.py [--count N] [--seed S]         with a Python that has ministack and boto3 (tests/conformance/requirements)

What ministack does not keep is left out of these networks: transit gateways, secondary and IPv6 ranges, Block Public Access,
ports of network ACLs.  The function's own subnets and groups are taken from the resources of the stack by their logical ids.
Speaks TAP.
"""
import argparse
import json
import os
import pathlib
import random
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path[:0] = [str(HERE), str(HERE.parent / 'conformance' / 'lib')]
import loopback  # noqa: E402
import networks  # noqa: E402
import oracle  # noqa: E402
import simulator  # noqa: E402

NAMES = {'-1': '-1', '6': 'tcp', '17': 'udp', '1': 'icmp'}
ENV = {'PATH': '/usr/local/bin:/usr/bin:/bin', 'LANG': 'C.UTF-8', 'AWS_DEFAULT_REGION': 'us-east-1', 'AWS_ACCESS_KEY_ID': 'test',
       'AWS_SECRET_ACCESS_KEY': 'test', 'AWS_EC2_METADATA_DISABLED': 'true', 'AWS_PAGER': '', 'PYTHONDONTWRITEBYTECODE': '1'}


def ref(made):
    return ('ref', made)


class Described:
    """What the Describe calls return of one stack, under the names that the simulator knows from templates."""

    def __init__(self, ec2, physical, function):
        self.resources, self.ec2 = {}, ec2
        self.vpcs = [made for made in physical.values() if made.startswith('vpc-')]
        for part in (self.networks, self.tables, self.acls, self.groups, self.gateways, self.machines):
            part()
        config = function['VpcConfig']
        self.put('AWS::Lambda::Function', 'the function', VpcConfig={
            key: [ref(physical[r['Ref']]) for r in config[key]] for key in ('SubnetIds', 'SecurityGroupIds')})

    def put(self, kind, made, **properties):
        self.resources[made] = (kind if kind.startswith('AWS::') else 'AWS::EC2::' + kind, properties)

    def all(self, kind):
        return [(n, p) for n, (t, p) in self.resources.items() if t == 'AWS::' + kind]

    def get(self, reference):
        return self.resources[reference[1]][1] if reference and reference[1] in self.resources else None

    def kind(self, reference):
        return self.resources[reference[1]][0] if reference[1] in self.resources else None

    def of_vpcs(self, call, key, name='vpc-id'):
        return call(Filters=[{'Name': name, 'Values': self.vpcs}])[key] if self.vpcs else []

    def networks(self):
        for v in self.ec2.describe_vpcs(VpcIds=self.vpcs)['Vpcs']:
            self.put('VPC', v['VpcId'], CidrBlock=v['CidrBlock'])
        for s in self.of_vpcs(self.ec2.describe_subnets, 'Subnets'):
            self.put('Subnet', s['SubnetId'], VpcId=ref(s['VpcId']), CidrBlock=s['CidrBlock'])

    def tables(self):
        targets = ('GatewayId', 'NatGatewayId', 'VpcPeeringConnectionId')
        for t in self.of_vpcs(self.ec2.describe_route_tables, 'RouteTables'):
            for n, r in enumerate(t['Routes']):
                (key, target), = [(k, r[k]) for k in targets if k in r]
                if target == 'local':
                    continue
                to = {k: v for k, v in r.items() if k == 'DestinationCidrBlock'}
                if 'DestinationPrefixListId' in r:
                    to = {'DestinationPrefixListId': ref(r['DestinationPrefixListId'])}
                self.put('Route', '%s/%d' % (t['RouteTableId'], n), RouteTableId=ref(t['RouteTableId']), **to,
                         **{key: ref(target)})
            for a in t['Associations']:
                if 'SubnetId' in a and not a['Main']:
                    self.put('SubnetRouteTableAssociation', a['RouteTableAssociationId'], SubnetId=ref(a['SubnetId']),
                             RouteTableId=ref(t['RouteTableId']))

    def acls(self):
        default = {}
        for acl in self.of_vpcs(self.ec2.describe_network_acls, 'NetworkAcls'):
            name = acl['NetworkAclId']
            if acl['IsDefault']:
                default[acl['VpcId']] = name
            for n, e in enumerate(acl['Entries']):
                self.put('NetworkAclEntry', '%s/%d' % (name, n), NetworkAclId=ref(name), RuleNumber=e['RuleNumber'],
                         Protocol=int(e['Protocol']), RuleAction=e['RuleAction'], Egress=e['Egress'],
                         **{k: e[k] for k in ('CidrBlock', 'Ipv6CidrBlock') if k in e})
            for a in acl['Associations']:
                self.put('SubnetNetworkAclAssociation', a['NetworkAclAssociationId'], SubnetId=ref(a['SubnetId']),
                         NetworkAclId=ref(name))
        own = {a['SubnetId'] for _, a in self.all('EC2::SubnetNetworkAclAssociation')}
        for s, p in self.all('EC2::Subnet'):
            if ref(s) not in own:
                self.put('SubnetNetworkAclAssociation', 'of ' + s, SubnetId=ref(s),
                         NetworkAclId=ref(default[p['VpcId'][1]]))

    def groups(self):
        for g in self.of_vpcs(self.ec2.describe_security_groups, 'SecurityGroups'):
            self.put('SecurityGroup', g['GroupId'], SecurityGroupIngress=self.rules(g['IpPermissions'], 'Source'),
                     SecurityGroupEgress=self.rules(g['IpPermissionsEgress'], 'Destination'))

    @staticmethod
    def rules(permissions, side):
        found = []
        for p in permissions:
            rule = {'IpProtocol': p['IpProtocol'], **{k: p[k] for k in ('FromPort', 'ToPort') if k in p}}
            found += [dict(rule, CidrIp=r['CidrIp']) for r in p['IpRanges']]
            found += [dict(rule, CidrIpv6=r['CidrIpv6']) for r in p['Ipv6Ranges']]
            found += [dict(rule, **{side + 'PrefixListId': ref(r['PrefixListId'])}) for r in p['PrefixListIds']]
            found += [dict(rule, **{side + 'SecurityGroupId': ref(r['GroupId'])}) for r in p['UserIdGroupPairs']]
        return found

    def gateways(self):
        for g in self.of_vpcs(self.ec2.describe_internet_gateways, 'InternetGateways', 'attachment.vpc-id'):
            self.put('InternetGateway', g['InternetGatewayId'])
        for g in self.of_vpcs(self.ec2.describe_nat_gateways, 'NatGateways'):
            self.put('NatGateway', g['NatGatewayId'], SubnetId=ref(g['SubnetId']), ConnectivityType=g['ConnectivityType'])
        for c in self.ec2.describe_vpc_peering_connections()['VpcPeeringConnections']:
            if c['RequesterVpcInfo']['VpcId'] in self.vpcs:
                self.put('VPCPeeringConnection', c['VpcPeeringConnectionId'], VpcId=ref(c['RequesterVpcInfo']['VpcId']),
                         PeerVpcId=ref(c['AccepterVpcInfo']['VpcId']))
        for p in self.ec2.describe_managed_prefix_lists()['PrefixLists']:
            if p.get('OwnerId') != 'AWS':
                entries = self.ec2.get_managed_prefix_list_entries(PrefixListId=p['PrefixListId'])['Entries']
                self.put('PrefixList', p['PrefixListId'], Entries=[{'Cidr': e['Cidr']} for e in entries])

    def machines(self):
        for reservation in self.of_vpcs(self.ec2.describe_instances, 'Reservations'):
            for i in reservation['Instances']:
                if i['VpcId'] in self.vpcs:
                    self.put('Instance', i['InstanceId'], SubnetId=ref(i['SubnetId']),
                             SecurityGroupIds=[ref(g['GroupId']) for g in i['SecurityGroups']])


class Cloud:
    def __init__(self, where):
        import boto3
        port = loopback.free_port()
        self.server = loopback.Server(
            [sys.executable, '-B', HERE.parent / 'conformance' / 'drivers' / 'ministack_networks.py', str(port)], port,
            dict(ENV, HOME=where, TMPDIR=where), os.path.join(where, 'server.log'), cwd=where, limit=3600).wait_ready()
        os.environ.update(ENV)
        url = 'http://127.0.0.1:%d' % port
        self.formation, self.ec2 = (boto3.client(s, endpoint_url=url) for s in ('cloudformation', 'ec2'))

    def deploy(self, name, template, env):
        self.formation.create_stack(StackName=name, TemplateBody=json.dumps(template), Capabilities=[
            'CAPABILITY_IAM', 'CAPABILITY_AUTO_EXPAND'], Parameters=[{'ParameterKey': 'Env', 'ParameterValue': env}])
        deadline = time.monotonic() + 60
        while True:
            stack, = self.formation.describe_stacks(StackName=name)['Stacks']
            if not stack['StackStatus'].endswith('_IN_PROGRESS') or time.monotonic() > deadline:
                break
            time.sleep(0.01)
        if stack['StackStatus'] != 'CREATE_COMPLETE':
            raise SystemExit('%s: %s %s' % (name, stack['StackStatus'], stack.get('StackStatusReason')))
        rows = self.formation.describe_stack_resources(StackName=name)['StackResources']
        physical = {r['LogicalResourceId']: r['PhysicalResourceId'] for r in rows}
        found = Described(self.ec2, physical, template['Resources']['Runner']['Properties'])
        self.formation.delete_stack(StackName=name)
        return found


def judge(cloud, name, template):
    """In any deployment."""
    worlds = [simulator.Network(None, None, cloud.deploy('%s-%s' % (name, env), template, env)).judge()
              for env in ('dev', 'prod')]
    return tuple(any(w[i] for w in worlds) for i in (0, 1))


def main():
    options = argparse.ArgumentParser()
    options.add_argument('--count', type=int, default=300)
    options.add_argument('--seed', type=int, default=1)
    o = options.parse_args()
    seen, wrong = {}, 0
    with tempfile.TemporaryDirectory() as where:
        cloud = Cloud(where)
        paths, made = [], {}
        for n in range(o.count):
            path = os.path.join(where, '%d.json' % n)
            made[path] = networks.make(random.Random('deployed %d/%d' % (o.seed, n)), emulated=True)
            with open(path, 'w', encoding='utf-8') as f:
                json.dump(made[path], f)
            paths.append(path)
        found = oracle.verdicts(paths)
        for n, path in enumerate(paths):
            out, reached = judge(cloud, 'network-%d' % n, made[path])
            bad, want = oracle.differences((out, reached), found.get(path, {}))
            seen[tuple(want.values())] = seen.get(tuple(want.values()), 0) + 1
            for line in bad:
                wrong += 1
                print('# seed %d network %d: %s' % (o.seed, n, line))
        cloud.server.stop()
    print('# ' + ', '.join('NET008 %s and NET009 %s: %d' % (k + (v,)) for k, v in sorted(seen.items())))
    print('%sok 1 - %d networks deployed: fail exactly where a packet gets out, none unproven'
          % ('not ' if wrong else '', o.count))
    # one in seven reaches a machine
    both = all(len({k[i] for k in seen}) == 2 for i in ((0, 1) if o.count >= 60 else (0,)))
    print('%sok 2 - both verdicts of both rules (of few: of NET008) occur' % ('' if both else 'not '))
    print('1..2')
    return bool(wrong) or not both


if __name__ == '__main__':
    sys.exit(main())
