"""Edits that open the network of a closed template: each must be caught.  Edits that change nothing: no verdict may change.

Runs on what `render` writes for an empty specification, and on three templates made richer from it.  Speaks TAP.
"""
import copy
import json
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(HERE, '..', 'golden'))
import plain_yaml  # noqa: E402

PROGRAM = os.path.join(os.environ.get('top_builddir', '.'), 'sandboxgen')
V, A, T, ACL, G, F = ('SandboxVpc', 'SandboxSubnetA', 'SandboxRouteTable', 'SandboxNetworkAcl', 'ExecutorSecurityGroup',
                      'ExecutorFunction')


def ref(name):
    return {'Ref': name}


def res(kind, **properties):
    return {'Type': 'AWS::' + kind, 'Properties': properties}


def long_form(v):
    """!Ref x as {"Ref": x}, and the others as JSON has them."""
    if isinstance(v, list):
        return [long_form(x) for x in v]
    if not isinstance(v, dict):
        return v
    out = {}
    for k, x in v.items():
        x = long_form(x)
        if k == '!GetAtt' and isinstance(x, str):
            x = x.split('.', 1)
        if k.startswith('!'):
            k = k[1:] if k in ('!Ref', '!Condition') else 'Fn::' + k[1:]
        out[k] = x
    return out


def bases():
    with tempfile.TemporaryDirectory() as where:
        spec = os.path.join(where, 'sandbox.yaml')
        with open(spec, 'w', encoding='utf-8') as f:
            f.write('{}\n')
        text = subprocess.run([PROGRAM, 'render', '--stdout', spec], check=True, capture_output=True, timeout=60).stdout
    first = long_form(plain_yaml.load(text.decode('utf-8')))
    many = copy.deepcopy(first)  # a gateway for somebody else's subnet, and a database there
    many['Resources'].update({
        'OtherSubnet': res('EC2::Subnet', VpcId=ref(V), CidrBlock='10.99.0.128/26'),
        'OtherTable': res('EC2::RouteTable', VpcId=ref(V)),
        'OtherOfTable': res('EC2::SubnetRouteTableAssociation', SubnetId=ref('OtherSubnet'), RouteTableId=ref('OtherTable')),
        'OtherOut': res('EC2::Route', RouteTableId=ref('OtherTable'), DestinationCidrBlock='0.0.0.0/0', GatewayId=ref('Igw')),
        'Igw': res('EC2::InternetGateway'),
        'Attached': res('EC2::VPCGatewayAttachment', VpcId=ref(V), InternetGatewayId=ref('Igw')),
        'Machine': res('EC2::Instance', ImageId='ami-1', SubnetId=ref('OtherSubnet'))})
    worlds = copy.deepcopy(first)  # conditions that keep it closed
    worlds['Parameters'] = {'Env': {'Type': 'String', 'AllowedValues': ['dev', 'prod']}}
    worlds['Conditions'] = {'Dev': {'Fn::Equals': [ref('Env'), 'dev']}}
    worlds['Resources'][V]['Properties']['EnableDnsSupport'] = {'Fn::If': ['Dev', False, 'false']}
    worlds['Resources']['Quiet'] = dict(res('EC2::NetworkAclEntry', NetworkAclId=ref(ACL), RuleNumber=1, Protocol=-1,
                                            RuleAction='deny', CidrBlock='0.0.0.0/0', Egress=True), Condition='Dev')
    closed = copy.deepcopy(first)  # an endpoint that lets nothing through, a firewall, the block on public access
    closed['Resources'].update({
        'S3': res('EC2::VPCEndpoint', ServiceName='com.amazonaws.us-east-1.s3', VpcId=ref(V), RouteTableIds=[ref(T)],
                  PolicyDocument={'Version': '2012-10-17', 'Statement': [
                      {'Effect': 'Deny', 'Principal': '*', 'Action': '*', 'Resource': '*'}]}),
        'Block': res('EC2::VPCBlockPublicAccessOptions', InternetGatewayBlockMode='block-bidirectional'),
        'Local': res('EC2::Route', RouteTableId=ref(T), DestinationCidrBlock='10.99.0.0/24', GatewayId='local')})
    return [('rendered', first), ('with another subnet', many), ('in two worlds', worlds), ('with an endpoint', closed)]


# ---------------------------------------------------------------------------------------------- openings

OPENINGS = {}


def props(t, name):
    return t['Resources'][name]['Properties']


def added(name, resource):
    def edit(t):
        t['Resources']['Added'] = copy.deepcopy(resource)
    OPENINGS[name] = edit


def changed(name, where, key, value):
    def edit(t):
        props(t, where)[key] = copy.deepcopy(value)
    OPENINGS[name] = edit


def removed(name, *ids):
    def edit(t):
        for i in ids:
            del t['Resources'][i]
    OPENINGS[name] = edit


for key, value in [('GatewayId', 'igw-1'), ('GatewayId', 'vgw-1'), ('NatGatewayId', 'nat-1'), ('InstanceId', 'i-1'),
                   ('NetworkInterfaceId', 'eni-1'), ('TransitGatewayId', 'tgw-1'), ('VpcPeeringConnectionId', 'pcx-1'),
                   ('CarrierGatewayId', 'cagw-1'), ('LocalGatewayId', 'lgw-1'), ('VpcEndpointId', 'vpce-1'),
                   ('CoreNetworkArn', 'arn:aws:networkmanager::1:core-network/c')]:
    added('route to %s' % value, res('EC2::Route', RouteTableId=ref(T), DestinationCidrBlock='0.0.0.0/0', **{key: value}))
for dest in ['0.0.0.0/1', '128.0.0.0/1', '8.8.8.8/32', '10.0.0.0/8']:
    added('route for %s' % dest, res('EC2::Route', RouteTableId=ref(T), DestinationCidrBlock=dest, NatGatewayId='nat-1'))
added('IPv6 route', res('EC2::Route', RouteTableId=ref(T), DestinationIpv6CidrBlock='::/0',
                        EgressOnlyInternetGatewayId='eigw-1'))
added('prefix list route', res('EC2::Route', RouteTableId=ref(T), DestinationPrefixListId='pl-1', TransitGatewayId='t'))
added('route by GetAtt', res('EC2::Route', RouteTableId={'Fn::GetAtt': [T, 'RouteTableId']}, GatewayId='igw-1',
                             DestinationCidrBlock='0.0.0.0/0'))
added('route by Sub', res('EC2::Route', RouteTableId={'Fn::Sub': '${%s}' % T}, GatewayId='igw-1',
                          DestinationCidrBlock='0.0.0.0/0'))
added('gateway propagation', res('EC2::VPNGatewayRoutePropagation', RouteTableIds=[ref(T)], VpnGatewayId='vgw-1'))
added('route server', res('EC2::RouteServerPropagation', RouteTableId=ref(T), RouteServerId='rs-1'))
for p, extra in [('6', {'PortRange': {'From': 443, 'To': 443}}), ('17', {'PortRange': {'From': 53, 'To': 53}}),
                 ('1', {'Icmp': {'Type': -1, 'Code': -1}}), ('-1', {})]:
    for out in (True, False):
        added('ACL allows protocol %s %s' % (p, 'out' if out else 'in'), res(
            'EC2::NetworkAclEntry', NetworkAclId=ref(ACL), RuleNumber=10, Protocol=int(p), RuleAction='allow',
            Egress=out, CidrBlock='192.0.2.0/24' if p == '-1' else '0.0.0.0/0', **extra))
added('ACL allows IPv6', res('EC2::NetworkAclEntry', NetworkAclId=ref(ACL), RuleNumber=10, Protocol=-1,
                             RuleAction='allow', Egress=True, Ipv6CidrBlock='::/0'))
for rule in [{'CidrIp': '0.0.0.0/0'}, {'CidrIp': '203.0.113.7/32'}, {'CidrIpv6': '::/0'}, {'CidrIp': '127.0.0.0/7'},
             {'DestinationPrefixListId': 'pl-1'}, {'DestinationSecurityGroupId': ref(G)}]:
    words = '%s %s' % list(rule.items())[0]
    changed('inline egress ' + words, G, 'SecurityGroupEgress', [dict(rule, IpProtocol='-1')])
    added('separate egress ' + words, res('EC2::SecurityGroupEgress', GroupId={'Fn::GetAtt': [G, 'GroupId']},
                                          IpProtocol='tcp', FromPort=443, ToPort=443, **rule))
changed('empty egress', G, 'SecurityGroupEgress', [])
OPENINGS['no egress'] = lambda t: props(t, G).pop('SecurityGroupEgress')
OPENINGS['egress that vanishes'] = lambda t: props(t, G).update(
    SecurityGroupEgress=[{'Fn::If': ['Never', props(t, G)['SecurityGroupEgress'][0], ref('AWS::NoValue')]}]) or \
    t.setdefault('Conditions', {}).update(Never={'Fn::Equals': ['a', 'b']})
changed('DNS on', V, 'EnableDnsSupport', True)
changed('DNS on as text', V, 'EnableDnsSupport', 'true')
OPENINGS['DNS by default'] = lambda t: props(t, V).pop('EnableDnsSupport')
changed('public addresses', A, 'MapPublicIpOnLaunch', True)
changed('IPv6 addresses', A, 'AssignIpv6AddressOnCreation', True)
changed('IPv6 range', A, 'Ipv6CidrBlock', '2001:db8::/64')
added('IPv6 range of its own', res('EC2::SubnetCidrBlock', SubnetId=ref(A), Ipv6CidrBlock='2001:db8::/64'))
OPENINGS['dual stack'] = lambda t: props(t, F)['VpcConfig'].update(Ipv6AllowedForDualStack=True)
OPENINGS['no VpcConfig'] = lambda t: props(t, F).pop('VpcConfig')
OPENINGS['no subnets'] = lambda t: props(t, F)['VpcConfig'].update(SubnetIds=[])
OPENINGS['a subnet of elsewhere'] = lambda t: props(t, F)['VpcConfig']['SubnetIds'].append('subnet-1')
OPENINGS['a group of elsewhere'] = lambda t: props(t, F)['VpcConfig']['SecurityGroupIds'].append('sg-1')
OPENINGS['the default group'] = lambda t: props(t, F)['VpcConfig'].update(
    SecurityGroupIds=[{'Fn::GetAtt': [V, 'DefaultSecurityGroup']}])
removed('no route table association', 'SandboxRouteTableAssociationA')
removed('no ACL association', 'SandboxNetworkAclAssociationB')
removed('default group open', 'DefaultSecurityGroupEgress')
changed('route table of elsewhere', 'SandboxRouteTableAssociationA', 'RouteTableId', 'rtb-1')
changed('ACL of elsewhere', 'SandboxNetworkAclAssociationA', 'NetworkAclId', 'acl-1')
changed('default ACL', 'SandboxNetworkAclAssociationA', 'NetworkAclId', {'Fn::GetAtt': [V, 'DefaultNetworkAcl']})
for service, kind in [('s3', 'Gateway'), ('dynamodb', 'Gateway'), ('sts', 'Interface'), ('execute-api', 'Interface')]:
    more = {'RouteTableIds': [ref(T)]} if kind == 'Gateway' else {'SubnetIds': [ref(A)]}
    added('endpoint ' + service, res('EC2::VPCEndpoint', ServiceName='com.amazonaws.us-east-1.' + service, VpcId=ref(V),
                                     VpcEndpointType=kind, **more))
added('service network', res('VpcLattice::ServiceNetworkVpcAssociation', VpcIdentifier=ref(V),
                             ServiceNetworkIdentifier='sn-1'))
added('client VPN', res('EC2::ClientVpnTargetNetworkAssociation', SubnetId=ref(A), ClientVpnEndpointId='c'))
added('traffic mirror', res('EC2::TrafficMirrorSession', NetworkInterfaceId={'Fn::Sub': '${%s}' % F}, SessionNumber=1,
                            TrafficMirrorFilterId='f', TrafficMirrorTargetId='t'))
added('shared subnet', res('RAM::ResourceShare', Name='s', ResourceArns=[{'Fn::Sub': 'arn:aws:ec2:::subnet/${%s}' % A}]))
added('network firewall', res('NetworkFirewall::Firewall', VpcId=ref(V), FirewallName='f', FirewallPolicyArn='p',
                              SubnetMappings=[]))
added('flow log to elsewhere', res('EC2::FlowLog', ResourceId=ref(V), ResourceType='VPC',
                                   LogDestination='arn:aws:s3:::somebody', LogDestinationType='s3'))
added('custom resource', {'Type': 'Custom::Thing', 'Properties': {'ServiceToken': 'arn:x', 'Vpc': ref(V)}})


# ---------------------------------------------------------------------------------------------- harmless

def renamed(text):
    for name in re.findall(r'^  "(\w+)": \{\n   "Type"', text, re.M):
        text = re.sub(r'\b%s\b' % name, 'X' + name, text)
    return text


def reordered(t):
    t['Resources'] = dict(sorted(t['Resources'].items(), key=lambda kv: kv[0][::-1]))
    return t


def tagged(t):
    for r in t['Resources'].values():
        if r['Type'] in ('AWS::EC2::VPC', 'AWS::EC2::Subnet', 'AWS::EC2::RouteTable'):
            r['Properties']['Tags'] = [{'Key': 'owner', 'Value': 'somebody'}]
    return t


def dead(t):
    t.setdefault('Conditions', {})['Dead'] = {'Fn::Equals': ['a', 'b']}
    t['Resources']['DeadRoute'] = dict(res('EC2::Route', RouteTableId=ref(T), DestinationCidrBlock='0.0.0.0/0',
                                           GatewayId='igw-1'), Condition='Dead')
    return t


def described(t):
    t['Description'] = 'something else'
    t['Metadata'] = {'Some': {'Thing': [1, 2]}}
    return t


TREES = {'as it is': lambda t: t, 'reordered': reordered, 'tags': tagged, 'dead condition': dead, 'described': described}
TEXTS = {'JSON': lambda s: s, 'JSON without blanks': lambda s: json.dumps(json.loads(s), separators=(',', ':')),
         'comments': lambda s: '# a comment\n' + s.replace('\n', '  # and more\n'),
         'CRLF': lambda s: s.replace('\n', '\r\n'), 'renamed': renamed,
         'YAML': lambda s: '---\n' + to_yaml(json.loads(s), 0)}


def to_yaml(v, indent):
    pad = '  ' * indent
    if isinstance(v, dict) and v:
        return ''.join('%s%s:%s' % (pad, json.dumps(k), nested(x, indent)) for k, x in v.items())
    return ''.join('%s-%s' % (pad, nested(x, indent)) for x in v)


def nested(x, indent):
    if isinstance(x, (dict, list)) and x:
        return '\n' + to_yaml(x, indent + 1)
    return ' ' + (("'%s'" % x.replace("'", "''")) if isinstance(x, str) else json.dumps(x)) + '\n'


# ---------------------------------------------------------------------------------------------- running

def audit(texts):
    """The NET verdicts of each text, and whether every part of it passed."""
    with tempfile.TemporaryDirectory() as where:
        paths = []
        for n, text in enumerate(texts):
            paths.append(os.path.join(where, '%d.yaml' % n))
            with open(paths[-1], 'w', encoding='utf-8', newline='') as f:
                f.write(text)
        run = subprocess.run([PROGRAM, 'audit', '--format', 'json'] + paths, capture_output=True, timeout=600)
    if run.returncode not in (0, 1):
        raise SystemExit(run.stderr.decode('utf-8', 'replace')[:3000])
    verdicts = {p: {} for p in paths}
    for j in json.loads(run.stdout)['judged']:
        if j['rule'].startswith('NET'):
            verdicts[j['file']][j['rule']] = j['verdict']
    return [verdicts[p] for p in paths]


def main():
    number = failed = 0

    def say(ok, what, why=''):
        nonlocal number, failed
        number += 1
        failed += not ok
        print('%sok %d - %s' % ('' if ok else 'not ', number, what))
        if not ok:
            print('# %s' % (why,))
    say(len(OPENINGS) >= 60, '%d kinds of opening edits' % len(OPENINGS))
    for name, base in bases():
        texts, names = [json.dumps(base, indent=1)], []
        for kind, edit in OPENINGS.items():
            t = copy.deepcopy(base)
            edit(t)
            texts.append(json.dumps(t, indent=1))
            names.append(kind)
        closed, *opened = audit(texts)
        say(closed and set(closed.values()) == {'pass'}, name + ' is closed', closed)
        for kind, verdicts in zip(names, opened):
            say(set(verdicts.values()) != {'pass'}, '%s: %s' % (name, kind), verdicts)
        texts, names = [], []
        for kind, edit in TREES.items():
            text = json.dumps(edit(copy.deepcopy(base)), indent=1)
            for form, rewrite in TEXTS.items():
                texts.append(rewrite(text))
                names.append('%s, %s' % (kind, form))
        for kind, verdicts in zip(names, audit(texts)):
            say(verdicts == closed, '%s: %s changes nothing' % (name, kind), verdicts)
    print('1..%d' % number)
    return bool(failed)


if __name__ == '__main__':
    sys.exit(main())
