"""Every exit × every way of opening it, each beside a closed twin that differs only in what closes it.

The open template must fail, with a witness that goes through the exit, at its lines; the twin must pass the same rule.  A
cell that cannot exist says why.  `matrix.py --list` prints the table, `--write DIR` the templates.  Speaks TAP.
"""
import copy
import json
import os
import subprocess
import sys
import tempfile

PROGRAM = os.path.join(os.environ.get('top_builddir', '.'), 'sandboxgen')


def ref(name):
    return {'Ref': name}


def res(kind, **properties):
    return {'Type': 'AWS::' + kind, 'Properties': properties}


def base():
    """One network in which everything is open but the exit, and a second one in which nothing is."""
    r = {
        'Vpc': res('EC2::VPC', CidrBlock='10.0.0.0/16', EnableDnsSupport=False),
        'Vpc2': res('EC2::VPC', CidrBlock='10.2.0.0/16', EnableDnsSupport=False),
        'Subnet': res('EC2::Subnet', VpcId=ref('Vpc'), CidrBlock='10.0.1.0/24'),
        'Edge': res('EC2::Subnet', VpcId=ref('Vpc'), CidrBlock='10.0.2.0/24'),
        'Shut': res('EC2::Subnet', VpcId=ref('Vpc'), CidrBlock='10.0.3.0/24'),
        'Subnet2': res('EC2::Subnet', VpcId=ref('Vpc2'), CidrBlock='10.2.1.0/24'),
        'Table': res('EC2::RouteTable', VpcId=ref('Vpc')),
        'Other': res('EC2::RouteTable', VpcId=ref('Vpc')),
        'EdgeTable': res('EC2::RouteTable', VpcId=ref('Vpc')),
        'OfSubnet': res('EC2::SubnetRouteTableAssociation', SubnetId=ref('Subnet'), RouteTableId=ref('Table')),
        'OfEdge': res('EC2::SubnetRouteTableAssociation', SubnetId=ref('Edge'), RouteTableId=ref('EdgeTable')),
        'OfShut': res('EC2::SubnetRouteTableAssociation', SubnetId=ref('Shut'), RouteTableId=ref('Other')),
        'Acl': res('EC2::NetworkAcl', VpcId=ref('Vpc')),
        'Entry': res('EC2::NetworkAclEntry', NetworkAclId=ref('Acl'), RuleNumber=100, Protocol=-1, Egress=True,
                     RuleAction='allow', CidrBlock='0.0.0.0/0'),
        'Entry6': res('EC2::NetworkAclEntry', NetworkAclId=ref('Acl'), RuleNumber=101, Protocol=-1, Egress=True,
                      RuleAction='allow', Ipv6CidrBlock='::/0'),
        'AclOfSubnet': res('EC2::SubnetNetworkAclAssociation', SubnetId=ref('Subnet'), NetworkAclId=ref('Acl')),
        'Group': res('EC2::SecurityGroup', GroupDescription='g', VpcId=ref('Vpc'), SecurityGroupEgress=[
            {'IpProtocol': '-1', 'CidrIp': '0.0.0.0/0'}, {'IpProtocol': '-1', 'CidrIpv6': '::/0'}]),
        'Target': res('EC2::SecurityGroup', GroupDescription='t', VpcId=ref('Vpc'), SecurityGroupIngress=[
            {'IpProtocol': '-1', 'CidrIp': '10.0.0.0/16'}]),
        'Igw': res('EC2::InternetGateway'),
        'Attached': res('EC2::VPCGatewayAttachment', VpcId=ref('Vpc'), InternetGatewayId=ref('Igw')),
        'Function': {'Type': 'AWS::Serverless::Function', 'Properties': {
            'InlineCode': 'x', 'Handler': 'index.h', 'Runtime': 'python3.12',
            'VpcConfig': {'SubnetIds': [ref('Subnet')], 'SecurityGroupIds': [ref('Group')],
                          'Ipv6AllowedForDualStack': True}}},
    }
    return {'AWSTemplateFormatVersion': '2010-09-09',
            'Transform': ['AWS::LanguageExtensions', 'AWS::Serverless-2016-10-31'],
            'Parameters': {'Env': {'Type': 'String', 'AllowedValues': ['prod', 'dev']}},
            'Conditions': {'Prod': {'Fn::Equals': [ref('Env'), 'prod']}},
            'Resources': r}


# ---------------------------------------------------------------------------------------------- exits

class Exit:
    """`route`: the target of a route in the function's table.  Else `resource`, attached by its property `hook`."""

    def __init__(self, name, route=None, more=None, resource=None, hook=None, at=None, away=None, rule='NET008',
                 family=4):
        self.name, self.route, self.more, self.rule, self.family = name, route, more or {}, rule, family
        self.resource, self.hook, self.at, self.away = resource, hook, at, away
        if route:
            self.hook, self.at, self.away = 'RouteTableId', ref('Table'), ref('Other')

    def out(self, template, name='Out', dest=None):
        """Adds the exit, and returns its resource."""
        template['Resources'].update(copy.deepcopy(self.more))
        if self.route:
            key, value = self.route
            dest = dest or ('0.0.0.0/0' if self.family == 4 else '::/0')
            r = res('EC2::Route', RouteTableId=ref('Table'), **{key: value})
            r['Properties']['DestinationCidrBlock' if self.family == 4 else 'DestinationIpv6CidrBlock'] = dest
        else:
            r = copy.deepcopy(self.resource)
            r['Properties'][self.hook] = copy.deepcopy(self.at)
        template['Resources'][name] = r
        return r


NAT_ROUTE = {'EdgeOut': res('EC2::Route', RouteTableId=ref('EdgeTable'), DestinationCidrBlock='0.0.0.0/0',
                            GatewayId=ref('Igw'))}
TRANSIT = {
    'Tgw': res('EC2::TransitGateway'),
    'Here': res('EC2::TransitGatewayVpcAttachment', TransitGatewayId=ref('Tgw'), VpcId=ref('Vpc'),
                SubnetIds=[ref('Subnet')]),
    'There': res('EC2::TransitGatewayVpcAttachment', TransitGatewayId=ref('Tgw'), VpcId=ref('Vpc2'),
                 SubnetIds=[ref('Subnet2')]),
    'TgwTable': res('EC2::TransitGatewayRouteTable', TransitGatewayId=ref('Tgw')),
    'TgwOfHere': res('EC2::TransitGatewayRouteTableAssociation', TransitGatewayAttachmentId=ref('Here'),
                     TransitGatewayRouteTableId=ref('TgwTable')),
    'TgwRoute': res('EC2::TransitGatewayRoute', TransitGatewayRouteTableId=ref('TgwTable'),
                    DestinationCidrBlock='0.0.0.0/0', TransitGatewayAttachmentId=ref('There')),
    'Table2': res('EC2::RouteTable', VpcId=ref('Vpc2')),
    'OfSubnet2': res('EC2::SubnetRouteTableAssociation', SubnetId=ref('Subnet2'), RouteTableId=ref('Table2')),
    'Out2': res('EC2::Route', RouteTableId=ref('Table2'), DestinationCidrBlock='0.0.0.0/0',
                NatGatewayId='nat-0123456789abcdef0'),
}
EXITS = [
    Exit('internet gateway', ('GatewayId', ref('Igw'))),
    Exit('internet gateway, IPv6', ('GatewayId', ref('Igw')), family=6),
    Exit('egress-only gateway', ('EgressOnlyInternetGatewayId', ref('Eigw')),
         {'Eigw': res('EC2::EgressOnlyInternetGateway', VpcId=ref('Vpc'))}, family=6),
    Exit('NAT gateway', ('NatGatewayId', ref('Nat')), dict(NAT_ROUTE, Nat=res('EC2::NatGateway', SubnetId=ref('Edge')))),
    Exit('NAT gateway of elsewhere', ('NatGatewayId', 'nat-0123456789abcdef0')),
    Exit('NAT instance', ('InstanceId', ref('Machine')),
         {'Machine': res('EC2::Instance', SubnetId=ref('Edge'), SourceDestCheck=False, ImageId='ami-1')}),
    Exit('network interface', ('NetworkInterfaceId', ref('Eni')),
         {'Eni': res('EC2::NetworkInterface', SubnetId=ref('Edge'))}),
    Exit('carrier gateway', ('CarrierGatewayId', ref('Carrier')), {'Carrier': res('EC2::CarrierGateway', VpcId=ref('Vpc'))}),
    Exit('local gateway', ('LocalGatewayId', 'lgw-0123456789abcdef0')),
    Exit('transit gateway of elsewhere', ('TransitGatewayId', 'tgw-0123456789abcdef0')),
    Exit('transit gateway, other VPC', ('TransitGatewayId', ref('Tgw')), TRANSIT),
    Exit('virtual private gateway', ('GatewayId', ref('Vgw')), {'Vgw': res('EC2::VPNGateway', Type='ipsec.1')}),
    Exit('peering with elsewhere', ('VpcPeeringConnectionId', ref('Peer')),
         {'Peer': res('EC2::VPCPeeringConnection', VpcId=ref('Vpc'), PeerVpcId='vpc-0123456789abcdef0')}),
    Exit('core network', ('CoreNetworkArn', 'arn:aws:networkmanager::111122223333:core-network/core-network-1')),
    Exit('endpoint service', ('VpcEndpointId', ref('Appliance')),
         {'Appliance': res('EC2::VPCEndpoint', VpcEndpointType='GatewayLoadBalancer', ServiceName='s', VpcId=ref('Vpc'),
                           SubnetIds=[ref('Edge')])}),
    Exit('gateway propagation', resource=res('EC2::VPNGatewayRoutePropagation', VpnGatewayId='vgw-1'),
         hook='RouteTableIds', at=[ref('Table')], away=[ref('Other')]),
    Exit('route server', resource=res('EC2::RouteServerPropagation', RouteServerId='rs-1'),
         hook='RouteTableId', at=ref('Table'), away=ref('Other')),
    Exit('gateway endpoint', resource=res('EC2::VPCEndpoint', ServiceName='com.amazonaws.us-east-1.s3', VpcId=ref('Vpc')),
         hook='RouteTableIds', at=[ref('Table')], away=[ref('Other')]),
    Exit('interface endpoint', resource=res('EC2::VPCEndpoint', ServiceName='com.amazonaws.us-east-1.sts',
                                            VpcEndpointType='Interface', VpcId=ref('Vpc'), SubnetIds=[ref('Subnet')]),
         hook='SecurityGroupIds', at=[ref('Target')], away=[ref('Group')]),
    Exit('service network', resource=res('VpcLattice::ServiceNetworkVpcAssociation', ServiceNetworkIdentifier='sn-1'),
         hook='VpcIdentifier', at=ref('Vpc'), away=ref('Vpc2')),
    Exit('database', resource=res('EC2::Instance', ImageId='ami-1', SubnetId=ref('Subnet')),
         hook='SecurityGroupIds', at=[ref('Target')], away=[ref('Group')], rule='NET009'),
    Exit('peer VPC', ('VpcPeeringConnectionId', ref('Peer')), {
        'Peer': res('EC2::VPCPeeringConnection', VpcId=ref('Vpc'), PeerVpcId=ref('Vpc2')),
        'Taker': res('EC2::SecurityGroup', GroupDescription='t', VpcId=ref('Vpc2'),
                     SecurityGroupIngress=[{'IpProtocol': '-1', 'CidrIp': '10.0.0.0/8'}]),
        'Machine': res('EC2::Instance', ImageId='ami-1', SubnetId=ref('Subnet2'), SecurityGroupIds=[ref('Taker')])},
         rule='NET009'),
    Exit('DNS resolver', resource=res('EC2::VPC', CidrBlock='10.0.0.0/16'), hook='EnableDnsSupport', at=True, away=False,
         rule='NET004'),
]


# ---------------------------------------------------------------------------------------------- ways

def plain(e, t, closed):
    out = e.out(t)
    if closed:
        del t['Resources']['Out']
    return out


def attached(e, t, closed):
    out = e.out(t)
    if closed:
        out['Properties'][e.hook] = copy.deepcopy(e.away)


def conditional(e, t, closed):
    e.out(t)['Condition'] = 'Prod'
    if closed:
        t['Parameters']['Env']['AllowedValues'] = ['dev']


def through_if(e, t, closed):
    out = e.out(t)
    out['Properties'][e.hook] = {'Fn::If': ['Prod', e.at, e.away]}
    if closed:
        t['Parameters']['Env']['AllowedValues'] = ['dev']


def find_in_map(e, t, closed):
    e.out(t)['Condition'] = 'Open'
    t['Mappings'] = {'Nets': {'main': {'State': 'shut' if closed else 'open'}}}
    t['Conditions']['Open'] = {'Fn::Equals': [{'Fn::FindInMap': ['Nets', 'main', 'State']}, 'open']}


def sub(e, t, closed):
    e.out(t)['Condition'] = 'Open'
    t['Conditions']['Open'] = {'Fn::Equals': [{'Fn::Sub': '${Env}-net'}, 'test-net' if closed else 'prod-net']}


def sub_target(e, t, closed):
    out = e.out(t)
    name = 'Other' if closed else 'Table'
    out['Properties']['RouteTableId'] = {'Fn::Sub': '${%s}' % name}


def global_config(e, t, closed):
    e.out(t)
    p = t['Resources']['Function']['Properties']
    config = p.pop('VpcConfig')
    config['SubnetIds'] = [ref('Shut' if closed else 'Subnet')]
    t['Globals'] = {'Function': {'VpcConfig': config}}


def for_each(e, t, closed):
    out = e.out(t)
    del t['Resources']['Out']
    text = json.dumps(out).replace(json.dumps(ref('Table')), json.dumps({'Ref': '${T}'}))
    t['Resources']['Fn::ForEach::Outs'] = ['T', ['Other' if closed else 'Table'], {'Out${T}': json.loads(text)}]


def association(e, t, closed):
    e.out(t)
    t['Resources']['OfSubnet']['Properties']['RouteTableId'] = ref('Other' if closed else 'Table')


def absent_association(e, t, closed):
    """Without its own association the subnet uses the main table, which has no routes: the closed one is the default."""
    e.out(t)
    if closed:
        t['Resources']['OfSubnet']['Condition'] = 'Never'
        t['Conditions']['Never'] = {'Fn::Equals': ['a', 'b']}


def halves(e, t, closed):
    if e.family == 6:
        low, high = '::/1', '8000::/1'
    else:
        low, high = '0.0.0.0/1', '128.0.0.0/1'
    e.out(t, 'Out', low)
    e.out(t, 'OutHigh', high)
    if closed:
        del t['Resources']['Out'], t['Resources']['OutHigh']


def longer_prefix(e, t, closed):
    """A narrower route to nowhere in particular takes the only address that the group lets out."""
    wide, one = ('0.0.0.0/0', '8.8.8.8/32') if e.family == 4 else ('::/0', '2001:4860::/32')
    out = e.out(t, 'Out', wide)
    egress = {'IpProtocol': 'tcp', 'FromPort': 443, 'ToPort': 443}
    egress['CidrIp' if e.family == 4 else 'CidrIpv6'] = one
    t['Resources']['Group']['Properties']['SecurityGroupEgress'] = [egress]
    if closed:
        key = 'DestinationCidrBlock' if e.family == 4 else 'DestinationIpv6CidrBlock'
        out['Properties'][key] = '9.9.9.0/24' if e.family == 4 else '2001:db8::/32'


def prefix_list(e, t, closed):
    out = e.out(t)
    p = out['Properties']
    six = e.family == 6
    p.pop('DestinationIpv6CidrBlock' if six else 'DestinationCidrBlock')
    p['DestinationPrefixListId'] = ref('List')
    cidr = ('2001:4860::/32' if six else '8.8.8.0/24')
    shut = ('2001:db8::/32' if six else '9.9.9.0/24')
    t['Resources']['List'] = res('EC2::PrefixList', PrefixListName='l', AddressFamily='IPv6' if six else 'IPv4',
                                 MaxEntries=1, Entries=[{'Cidr': shut if closed else cidr}])
    t['Resources']['Group']['Properties']['SecurityGroupEgress'] = [
        {'IpProtocol': 'tcp', 'FromPort': 443, 'ToPort': 443, 'CidrIpv6' if six else 'CidrIp': cidr}]


def parameter(e, t, closed):
    """The group's range is a parameter's."""
    e.out(t)
    six = e.family == 6
    t['Parameters']['Range'] = {'Type': 'String', 'AllowedValues': (['::1/128'] if six else ['127.0.0.1/32']) if closed
                                else (['::/0'] if six else ['0.0.0.0/0'])}
    t['Resources']['Group']['Properties']['SecurityGroupEgress'] = [
        {'IpProtocol': '-1', 'CidrIpv6' if six else 'CidrIp': ref('Range')}]


def separate_egress(e, t, closed):
    e.out(t)
    t['Resources']['Group']['Properties']['SecurityGroupEgress'] = [{'IpProtocol': '-1', 'CidrIp': '127.0.0.1/32'}]
    if not closed:
        t['Resources']['Egress'] = res('EC2::SecurityGroupEgress', GroupId={'Fn::GetAtt': ['Group', 'GroupId']},
                                       IpProtocol='udp', FromPort=53, ToPort=53,
                                       **{'CidrIpv6': '::/0'} if e.family == 6 else {'CidrIp': '0.0.0.0/0'})


def acl_order(e, t, closed):
    e.out(t)
    for name in ('Entry', 'Entry6'):
        deny = copy.deepcopy(t['Resources'][name])
        deny['Properties'].update(RuleAction='deny')
        deny['Properties']['RuleNumber'] += -50 if closed else 50
        t['Resources']['Deny' + name] = deny


def policy(opened, shut):
    """Endpoint policies that differ only in what closes them."""
    def way(e, t, closed):
        out = e.out(t)
        statements = copy.deepcopy(shut if closed else opened)
        for s in statements or []:
            for key in [k for k in s if 'Not' + k in s]:
                del s[key]
        if statements:
            out['Properties']['PolicyDocument'] = {'Version': '2012-10-17', 'Statement': statements}
    return way


def policy_text(e, t, closed):
    e.out(t)['Properties']['PolicyDocument'] = json.dumps({'Statement': [DENY if closed else ALLOW]})


def policy_if(e, t, closed):
    e.out(t)['Properties']['PolicyDocument'] = {'Statement': [dict(ALLOW, Effect={'Fn::If': ['Prod', 'Allow', 'Deny']})]}
    if closed:
        t['Parameters']['Env']['AllowedValues'] = ['dev']


def policy_parameter(e, t, closed):
    e.out(t)['Properties']['PolicyDocument'] = {'Statement': dict(ALLOW, Effect=ref('Effect'))}
    t['Parameters']['Effect'] = {'Type': 'String', 'AllowedValues': ['Deny'] if closed else ['Deny', 'Allow']}


ALLOW = {'Effect': 'Allow', 'Principal': '*', 'Action': '*', 'Resource': '*'}
DENY = dict(ALLOW, Effect='Deny')
SOME = dict(DENY, Action=['s3:Get*', 'sts:Get*'])
SOMEBODY = {'AWS': ['111122223333', 'arn:aws:iam::444455556666:role/r']}
ACCOUNT = {'aws:ResourceAccount': '111122223333'}
NO_ROUTE = 'its destinations are not the template\'s to choose'
NO_TABLE = 'it does not hang on a route table'
NO_WAY = 'the resolver asks neither routes nor groups nor ACLs'
NO_POLICY = 'it has no endpoint policy'
NO_ACL = 'an ACL does not stand between interfaces of one subnet'
WAYS = [
    ('plain', plain, lambda e: 'a VPC always says whether its resolver is on' if e.rule == 'NET004' else None),
    ('attached', attached, lambda e: None),
    ('Condition', conditional, lambda e: 'a VPC without its resolver is another way' if e.rule == 'NET004' else None),
    ('If', through_if, lambda e: None),
    ('FindInMap', find_in_map, lambda e: 'a VPC that can vanish takes the function with it' if e.rule == 'NET004' else None),
    ('Sub in a condition', sub, lambda e: 'a VPC that can vanish takes the function with it' if e.rule == 'NET004' else None),
    ('Sub', sub_target, lambda e: None if e.hook == 'RouteTableId' else 'a list takes Ref'),
    ('Globals', global_config, lambda e: NO_TABLE if 'RouteTable' not in e.hook else None),
    ('ForEach', for_each, lambda e: NO_TABLE if 'RouteTable' not in e.hook else None),
    ('association', association, lambda e: NO_TABLE if 'RouteTable' not in e.hook else None),
    ('default association', absent_association, lambda e: NO_TABLE if 'RouteTable' not in e.hook else None),
    ('overlapping halves', halves, lambda e: None if e.route else NO_ROUTE),
    ('narrow route', longer_prefix, lambda e: 'a VPC without addresses there' if e.rule == 'NET009' else
        None if e.route else NO_ROUTE),
    ('prefix list', prefix_list, lambda e: 'a VPC without addresses there' if e.rule == 'NET009' else
        None if e.route else NO_ROUTE),
    ('parameter', parameter, lambda e: NO_WAY if e.rule == 'NET004' else None),
    ('separate egress', separate_egress, lambda e: NO_WAY if e.rule == 'NET004' else None),
    ('ACL order', acl_order, lambda e: NO_WAY if e.rule == 'NET004' else NO_ACL if e.name in
        ('interface endpoint', 'database') else None),
] + [(words, way, lambda e: None if e.name in ('gateway endpoint', 'interface endpoint') else NO_POLICY) for words, way in [
    ('the default policy', policy(None, [DENY])),
    ('a Deny beside an Allow', policy([ALLOW, SOME], [ALLOW, dict(DENY, Principal={'AWS': '*'})])),
    ('NotAction', policy([dict(ALLOW, NotAction='s3:PutObject')], [dict(ALLOW, NotAction='*')])),
    ('a Deny with NotAction', policy([ALLOW, dict(DENY, NotAction='sts:GetSessionToken')], [ALLOW, dict(DENY, NotAction='x:y'),
                                                                                     dict(DENY, Action='x:*')])),
    ('NotResource', policy([ALLOW, dict(DENY, NotResource='arn:aws:s3:::b')], [
        ALLOW, dict(DENY, NotResource='arn:aws:s3:::b'), dict(DENY, Resource='arn:aws:s3:::*')])),
    ('a Deny for somebody', policy([ALLOW, dict(DENY, Principal=SOMEBODY)], [dict(ALLOW, Principal=SOMEBODY), dict(
        DENY, Principal=SOMEBODY)])),
    ('NotPrincipal', policy([dict(ALLOW, NotPrincipal=SOMEBODY)], [dict(ALLOW, NotPrincipal=SOMEBODY), DENY])),
    ('a policy under a condition', policy([dict(ALLOW, Condition={'StringEquals': ACCOUNT})], [
        dict(ALLOW, Condition={'StringEquals': ACCOUNT}), dict(DENY, Condition={'StringLike': {'aws:ResourceAccount': '1*'}})])),
    ('a policy as text', policy_text), ('an Effect through an If', policy_if), ('an Effect from a parameter', policy_parameter)]]


def cell(e, way, closed):
    t = base()
    if e.rule == 'NET004':
        t['Resources']['Vpc'].update({'Properties': {'CidrBlock': '10.0.0.0/16'}})
        # the exit is the VPC itself
        original = e.out

        def out(template, name='Vpc', dest=None):
            r = template['Resources']['Vpc']
            r['Properties'][e.hook] = e.at
            return r
        e.out = out
        way(e, t, closed)
        e.out = original
    else:
        way(e, t, closed)
    return t


def lines_of(text, name):
    """First and last line of a resource in indented JSON."""
    lines = text.split('\n')
    for i, line in enumerate(lines):
        if line.startswith('  "%s": {' % name) or line.startswith('  "%s": [' % name):
            j = next(k for k in range(i + 1, len(lines)) if lines[k].startswith('  }') or lines[k].startswith('  ]'))
            return i + 1, j + 1
    return 0, 0


def judge(paths):
    run = subprocess.run([PROGRAM, 'audit', '--format', 'json'] + paths, capture_output=True, timeout=600)
    if run.returncode not in (0, 1):
        raise SystemExit(run.stderr.decode('utf-8', 'replace'))
    return json.loads(run.stdout)


def main():
    cells = [(e, w, f, why(e)) for e in EXITS for w, f, why in WAYS]
    if '--list' in sys.argv:
        for e, w, _, why in cells:
            print('%-30s %-20s %s' % (e.name, w, why or 'x'))
        return 0
    where = sys.argv[sys.argv.index('--write') + 1] if '--write' in sys.argv else tempfile.mkdtemp()
    os.makedirs(where, exist_ok=True)
    todo, paths = [], []
    for n, (e, w, f, why) in enumerate(cells):
        if why:
            continue
        for closed in (False, True):
            path = os.path.join(where, '%03d-%s.json' % (n, 'closed' if closed else 'open'))
            text = json.dumps(cell(e, f, closed), indent=1)
            with open(path, 'w', encoding='utf-8') as out:
                out.write(text)
            paths.append(path)
            todo.append((e, w, closed, path, text))
    report = judge(paths)
    verdict = {(j['file'], j['rule']): j['verdict'] for j in report['judged'] if j['resource'] == 'Function'}
    number = failed = 0
    for e, w, closed, path, text in todo:
        got = verdict.get((path, e.rule))
        wrong = '' if got == ('pass' if closed else 'fail') else '%s is %s' % (e.rule, got)
        if not closed and not wrong:
            name = {'NET004': 'Vpc'}.get(e.rule, 'Fn::ForEach::Outs' if w == 'ForEach' else 'Out')
            first, last = lines_of(text, name)
            steps = [(s['file'], s['line']) for f in report['findings'] if f['rule'] == e.rule and f['file'] == path
                     for s in f['witness'] + [f]]
            if w == 'overlapping halves':
                last = max(last, lines_of(text, 'OutHigh')[1])
            if not any(p == path and first <= n <= last for p, n in steps):
                wrong = 'the witness does not go through lines %d to %d: %s' % (first, last, [n for _, n in steps])
        number += 1
        failed += bool(wrong)
        print('%sok %d - %s, %s, %s' % ('not ' if wrong else '', number, e.name, w, 'closed' if closed else 'open'))
        if wrong:
            print('# ' + wrong)
    enough = number >= 300
    number += 1
    print('%sok %d - %d cells, each open and closed; %d are empty for a reason' %
          ('' if enough else 'not ', number, (number - 1) // 2, sum(1 for c in cells if c[3])))
    print('1..%d' % number)
    if '--write' not in sys.argv:
        for p in paths:
            os.unlink(p)
        os.rmdir(where)
    return bool(failed) or not enough


if __name__ == '__main__':
    sys.exit(main())
