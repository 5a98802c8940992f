"""Edits of a rendered template that open its network, or take its network out of sight: OPENINGS, by name.

Each takes the template as a tree and changes it.  mutations.py runs them.
"""
import copy

V, A, T, ACL, G, F = ('SandboxVpc', 'SandboxSubnetA', 'SandboxRouteTable', 'SandboxNetworkAcl', 'ExecutorSecurityGroup',
                      'ExecutorFunction')


def ref(name):
    return {'Ref': name}


def res(kind, **properties):
    return {'Type': 'AWS::' + kind, 'Properties': properties}


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


# ---------------------------------------------------------------------------------------------- further

def edit(name):
    def keep(f):
        OPENINGS[name] = f
        return f
    return keep


def att(name, attribute):
    return {'Fn::GetAtt': [name, attribute]}


def decided(t, value, other):
    """The value in some deployments, the other in the rest."""
    t.setdefault('Parameters', {})['Choice'] = {'Type': 'String', 'Default': 'a'}
    t.setdefault('Conditions', {})['Chosen'] = {'Fn::Equals': [ref('Choice'), 'a']}
    return {'Fn::If': ['Chosen', value, other]}


def with_(name, resource, **others):
    def f(t):
        t['Resources'].update(copy.deepcopy(others))
        t['Resources']['Added'] = copy.deepcopy(resource)
    OPENINGS[name] = f


def with_parameter(name, key, kind, resource):
    def f(t):
        t.setdefault('Parameters', {})[key] = {'Type': kind}
        t['Resources']['Added'] = copy.deepcopy(resource)
    OPENINGS[name] = f


def vpc_config(t):
    return props(t, F)['VpcConfig']


# The function's own network.
@edit('a second group, by parameter')
def _(t):
    t.setdefault('Parameters', {})['Other'] = {'Type': 'AWS::EC2::SecurityGroup::Id'}
    vpc_config(t)['SecurityGroupIds'].append(ref('Other'))


@edit('a second group, open')
def _(t):
    t['Resources']['Open'] = res('EC2::SecurityGroup', GroupDescription='x', VpcId=ref(V))
    vpc_config(t)['SecurityGroupIds'].append(ref('Open'))


@edit('groups by Split')
def _(t):
    vpc_config(t)['SecurityGroupIds'] = {'Fn::Split': [',', 'sg-1,sg-2']}


@edit('a group by import')
def _(t):
    vpc_config(t)['SecurityGroupIds'].append({'Fn::ImportValue': 'sg'})


@edit('subnets by a list that comes in')
def _(t):
    t.setdefault('Parameters', {})['Some'] = {'Type': 'List<AWS::EC2::Subnet::Id>', 'Default': 'subnet-1'}
    vpc_config(t)['SubnetIds'] = ref('Some')


@edit('other subnets in some deployments')
def _(t):
    vpc_config(t)['SubnetIds'] = decided(t, vpc_config(t)['SubnetIds'], ['subnet-9'])


@edit('no VPC in some deployments')
def _(t):
    props(t, F)['VpcConfig'] = decided(t, vpc_config(t), ref('AWS::NoValue'))


@edit('VpcConfig that is no value')
def _(t):
    props(t, F)['VpcConfig'] = ref('AWS::NoValue')


@edit('VpcConfig that is a text')
def _(t):
    props(t, F)['VpcConfig'] = 'none'


@edit('Globals add a subnet and a group')
def _(t):
    t['Globals'] = {'Function': {'VpcConfig': {'SubnetIds': ['subnet-9'], 'SecurityGroupIds': ['sg-9']}}}


@edit('VpcConfig by Globals alone')
def _(t):
    t['Globals'] = {'Function': {'VpcConfig': {'SubnetIds': ['subnet-9'], 'SecurityGroupIds': ['sg-9']}}}
    props(t, F).pop('VpcConfig')


@edit('dual stack by Globals')
def _(t):
    t['Globals'] = {'Function': {'VpcConfig': {'Ipv6AllowedForDualStack': True}}}


# Routes.
OUT = {'DestinationCidrBlock': '0.0.0.0/0', 'GatewayId': 'igw-1'}
added('route without a table', res('EC2::Route', **OUT))
added('route by Select', res('EC2::Route', RouteTableId={'Fn::Select': ['0', [ref(T)]]}, **OUT))
added('route by Join', res('EC2::Route', RouteTableId={'Fn::Join': ['', [ref(T)]]}, **OUT))
with_parameter('route in a table that comes in', 'Tab', 'String', res('EC2::Route', RouteTableId=ref('Tab'), **OUT))
added('route without a destination', res('EC2::Route', RouteTableId=ref(T), GatewayId='igw-1'))
added('route without a target', res('EC2::Route', RouteTableId=ref(T), DestinationCidrBlock='0.0.0.0/0'))
added('route to Local', res('EC2::Route', RouteTableId=ref(T), DestinationCidrBlock='0.0.0.0/0', GatewayId='Local'))
with_('IPv6 route to a gateway of the template', res(
    'EC2::Route', RouteTableId=ref(T), DestinationIpv6CidrBlock='::/0', EgressOnlyInternetGatewayId=ref('Egress')),
    Egress=res('EC2::EgressOnlyInternetGateway', VpcId=ref(V)))
with_('propagation from a gateway of the template', res(
    'EC2::VPNGatewayRoutePropagation', RouteTableIds=[ref(T)], VpnGatewayId=ref('Vgw')),
    Vgw=res('EC2::VPNGateway', Type='ipsec.1'))
added('another table for a subnet', res('EC2::SubnetRouteTableAssociation', SubnetId=ref(A), RouteTableId='rtb-9'))
added('another table for some subnet', res('EC2::SubnetRouteTableAssociation', SubnetId='subnet-9', RouteTableId='rtb-9'))
added('another ACL for a subnet', res('EC2::SubnetNetworkAclAssociation', SubnetId=ref(A), NetworkAclId='acl-9'))
for what in ('SandboxRouteTableAssociationA', 'SandboxNetworkAclAssociationA', 'DefaultSecurityGroupEgress'):
    def conditional(t, what=what):
        decided(t, 1, 2)
        t['Resources'][what]['Condition'] = 'Chosen'
    OPENINGS[what + ' in some deployments'] = conditional
OPENINGS['association of another subnet'] = lambda t: props(t, 'SandboxRouteTableAssociationA').update(SubnetId='subnet-9')
OPENINGS['association of a subnet that comes in'] = lambda t: (
    decided(t, 1, 2), props(t, 'SandboxRouteTableAssociationA').update(SubnetId=ref('Choice')))


@edit('routes by ForEach')
def _(t):
    t['Transform'] = ['AWS::LanguageExtensions', 'AWS::Serverless-2016-10-31']
    t['Resources']['Fn::ForEach::Each'] = ['X', ['One', 'Two'], {'Route${X}': res('EC2::Route', RouteTableId=ref(T), **OUT)}]


# Groups and ACLs.
added('egress without a group', res('EC2::SecurityGroupEgress', IpProtocol='-1', CidrIp='0.0.0.0/0'))
added('egress of some group', res('EC2::SecurityGroupEgress', GroupId='sg-9', IpProtocol='-1', CidrIp='0.0.0.0/0'))
added('egress by Sub', res('EC2::SecurityGroupEgress', GroupId={'Fn::Sub': '${%s.GroupId}' % G}, IpProtocol='-1',
                           CidrIp='0.0.0.0/0'))
with_('egress to a prefix list of the template', res(
    'EC2::SecurityGroupEgress', GroupId=ref(G), IpProtocol='-1', DestinationPrefixListId=att('List', 'PrefixListId')),
    List=res('EC2::PrefixList', PrefixListName='x', AddressFamily='IPv4', MaxEntries=1, Entries=[{'Cidr': '0.0.0.0/0'}]))
OPENINGS['egress in some deployments'] = lambda t: t['Resources'].update(Added=res(
    'EC2::SecurityGroupEgress', GroupId=ref(G), IpProtocol='-1', CidrIp=decided(t, '0.0.0.0/0', '127.0.0.1/32')))
changed('egress without a destination', G, 'SecurityGroupEgress', [{'IpProtocol': '-1'}])
changed('egress to null', G, 'SecurityGroupEgress', [{'IpProtocol': '-1', 'CidrIp': None}])
changed('egress that is no value', G, 'SecurityGroupEgress', ref('AWS::NoValue'))
changed('egress to 127.0.0.1/0', G, 'SecurityGroupEgress', [{'IpProtocol': '-1', 'CidrIp': '127.0.0.1/0'}])
changed('egress to two destinations', G, 'SecurityGroupEgress', [{'IpProtocol': '-1', 'CidrIp': '127.0.0.1/32',
                                                                  'CidrIpv6': '::/0'}])
changed('egress to what nobody knows', G, 'SecurityGroupEgress', [{'IpProtocol': '-1', 'CidrIp': {
    'Fn::Sub': '${AWS::AccountId}/0'}}])
changed('egress to a dynamic reference', G, 'SecurityGroupEgress', [{'IpProtocol': '-1', 'CidrIp': '{{resolve:ssm:/x}}'}])
for what in (A, G, T):
    changed('%s in another VPC' % what, what, 'VpcId', 'vpc-9')
ANY = {'RuleNumber': 1, 'Protocol': -1, 'RuleAction': 'allow', 'Egress': True, 'CidrBlock': '0.0.0.0/0'}
added('ACL entry by GetAtt', res('EC2::NetworkAclEntry', NetworkAclId=att(ACL, 'Id'), **ANY))
added('ACL entry without an ACL', res('EC2::NetworkAclEntry', **ANY))
added('ACL entry ALLOW', res('EC2::NetworkAclEntry', NetworkAclId=ref(ACL), **dict(ANY, RuleAction='ALLOW')))
added('ACL entry in texts', res('EC2::NetworkAclEntry', NetworkAclId=ref(ACL), **dict(ANY, Protocol='-1', Egress='true')))
for value in ('yes', 'on', 'True', 1, '1', None, '', ref('AWS::NoValue')):
    changed('DNS %r' % (value,), V, 'EnableDnsSupport', value)
OPENINGS['DNS in some deployments'] = lambda t: props(t, V).update(EnableDnsSupport=decided(t, True, False))

# Endpoints, and what reaches a VPC from its side.
for kind, more in [('Resource', {'ResourceConfigurationArn': 'arn:aws:vpc-lattice:us-east-1:1:resourceconfiguration/r'}),
                   ('ServiceNetwork', {'ServiceNetworkArn': 'arn:aws:vpc-lattice:us-east-1:1:servicenetwork/s'}),
                   ('GatewayLoadBalancer', {'ServiceName': 'com.amazonaws.vpce.us-east-1.vpce-svc-1'})]:
    added('endpoint ' + kind, res('EC2::VPCEndpoint', VpcEndpointType=kind, VpcId=ref(V), SubnetIds=[ref(A)], **more))
for words, statement in [('all', {'Action': '*', 'Resource': '*'}), ('GetObject', {'Action': 's3:GetObject', 'Resource': '*'}),
                         ('NotAction', {'NotAction': 's3:PutObject', 'Resource': '*'})]:
    added('endpoint that allows ' + words, res(
        'EC2::VPCEndpoint', ServiceName='com.amazonaws.us-east-1.s3', VpcId=ref(V), RouteTableIds=[ref(T)],
        PolicyDocument={'Version': '2012-10-17', 'Statement': [dict(statement, Effect='Allow', Principal='*')]}))
DENIES = {'Effect': 'Deny', 'Principal': '*', 'Action': '*', 'Resource': '*'}
S3_ALL = {'Effect': 'Allow', 'Principal': '*', 'Action': 's3:*', 'Resource': '*'}
for words, statements in [
        ('somebody', [dict(S3_ALL, Principal={'AWS': ['111122223333', 'arn:aws:iam::444455556666:root']})]),
        ('an account by condition', [dict(S3_ALL, Condition={'StringEquals': {'aws:PrincipalAccount': '111122223333'}})]),
        ('its own VPC', [dict(S3_ALL, Condition={'StringEquals': {'aws:SourceVpc': ref(V)}})]),
        ('its own endpoint', [dict(S3_ALL, Condition={'StringEquals': {'aws:SourceVpce': 'vpce-1'}})]),
        ('buckets of an account', [dict(S3_ALL, Condition={'StringEquals': {'aws:ResourceAccount': '111122223333'}})]),
        ('what a Deny without a key leaves', [S3_ALL, dict(DENIES, Condition={'StringEquals': {'aws:TagKeys': 'a'}})]),
        ('what a Deny for somebody leaves', [S3_ALL, dict(DENIES, Principal={'AWS': '111122223333'})]),
        ('what a Deny of a bucket leaves', [S3_ALL, dict(DENIES, Resource='arn:aws:s3:::b/*')]),
        ('what a Deny of an action leaves', [S3_ALL, dict(DENIES, Action='s3:Get*')]),
        ('what a Deny in some deployments leaves', [S3_ALL, {'Fn::If': ['Sometimes', DENIES, ref('AWS::NoValue')]}]),
        ('what a parameter says', [dict(S3_ALL, Effect=ref('Effect'))]),
        ('what another stack says', [{'Fn::ImportValue': 'statement'}])]:
    def with_policy(t, statements=statements):
        t['Resources']['Added'] = res(
            'EC2::VPCEndpoint', ServiceName='com.amazonaws.us-east-1.s3', VpcId=ref(V), RouteTableIds=[ref(T)],
            PolicyDocument={'Version': '2012-10-17', 'Statement': copy.deepcopy(statements)})
        t.setdefault('Parameters', {}).update(Effect={'Type': 'String', 'AllowedValues': ['Allow', 'Deny']})
        t.setdefault('Conditions', {}).update(Sometimes={'Fn::Equals': [ref('Effect'), 'Deny']})
    OPENINGS['endpoint that allows ' + words] = with_policy
for words, kind, service in [('of somebody', 'Interface', 'com.amazonaws.vpce.us-east-1.vpce-svc-1'),
                             ('that may heed none', 'Interface', 'com.amazonaws.us-east-1.unheard-of')]:
    added('closed endpoint of a service ' + words, res(
        'EC2::VPCEndpoint', ServiceName=service, VpcEndpointType=kind, VpcId=ref(V), SubnetIds=[ref(A)],
        PolicyDocument={'Statement': [DENIES]}))
added('endpoint of no VPC', res('EC2::VPCEndpoint', ServiceName='com.amazonaws.us-east-1.sts', VpcEndpointType='Interface'))
added('local gateway', res('EC2::LocalGatewayRouteTableVPCAssociation', VpcId=ref(V), LocalGatewayRouteTableId='l'))
added('resource gateway', res('VpcLattice::ResourceGateway', Name='r', VpcIdentifier=ref(V), SubnetIds=[ref(A)]))
added('client VPN endpoint', res('EC2::ClientVpnEndpoint', VpcId=ref(V), ClientCidrBlock='10.0.0.0/22',
                                 ServerCertificateArn='a', ConnectionLogOptions={'Enabled': False},
                                 AuthenticationOptions=[]))

NETWORK = set(OPENINGS)  # caught by rules about the network; what follows by whatever rule says so

# What nobody can look into, and ways that take no packet.
added('a stack set', res('CloudFormation::StackSet', StackSetName='x', PermissionModel='SELF_MANAGED', TemplateBody='{}'))
added('a nested stack', res('CloudFormation::Stack', TemplateURL='https://s3.amazonaws.com/b/x.yaml'))
added('a nested stack with the VPC', res('CloudFormation::Stack', TemplateURL='https://s3.amazonaws.com/b/x.yaml',
                                         Parameters={'Vpc': ref(V)}))
added('a serverless application', res('Serverless::Application', Location='https://s3.amazonaws.com/b/x.yaml'))
added('a custom resource without a word', {'Type': 'Custom::Thing', 'Properties': {'ServiceToken': 'arn:x'}})
added('a module', {'Type': 'Acme::Net::Opener::MODULE', 'Properties': {}})
added('a type in small letters', {'Type': 'aws::ec2::route', 'Properties': dict(OUT, RouteTableId=ref(T))})
added('a macro of its own', res('CloudFormation::Macro', Name='m', FunctionName='arn:x'))
OPENINGS['a macro as transform'] = lambda t: t.update(Transform=['AWS::Serverless-2016-10-31', 'Acme'])
for what in (V, G, T, F):
    OPENINGS['a macro in %s' % what] = lambda t, what=what: t['Resources'][what].update(
        {'Fn::Transform': {'Name': 'Acme', 'Parameters': {}}})
OPENINGS['an include among the resources'] = lambda t: t['Resources'].update(
    {'Fn::Transform': {'Name': 'AWS::Include', 'Parameters': {'Location': 's3://b/k'}}})
OPENINGS['hooks'] = lambda t: t.update(Hooks={'H': {'Type': 'AWS::CodeDeploy::BlueGreen'}})


@edit('routes by ForEach over what comes in')
def _(t):
    t['Transform'] = ['AWS::LanguageExtensions', 'AWS::Serverless-2016-10-31']
    t.setdefault('Parameters', {})['Names'] = {'Type': 'CommaDelimitedList'}
    t['Resources']['Fn::ForEach::Each'] = ['X', ref('Names'), {'Route${X}': res('EC2::Route', RouteTableId=ref(T), **OUT)}]


added('another function, without a VPC', {'Type': 'AWS::Serverless::Function', 'Properties': {
    'InlineCode': 'x', 'Handler': 'i.h', 'Runtime': 'python3.12'}})
added('another function in the subnets', {'Type': 'AWS::Serverless::Function', 'Properties': {
    'InlineCode': 'x', 'Handler': 'i.h', 'Runtime': 'python3.12',
    'VpcConfig': {'SubnetIds': [ref(A)], 'SecurityGroupIds': [ref(G)]}}})
OPENINGS['a URL'] = lambda t: props(t, F).update(FunctionUrlConfig={'AuthType': 'NONE'})
added('a URL beside it', res('Lambda::Url', TargetFunctionArn=ref(F), AuthType='NONE'))
added('a permission for everybody', res('Lambda::Permission', FunctionName=ref(F), Action='lambda:InvokeFunction',
                                        Principal='*'))
OPENINGS['a version that stays'] = lambda t: props(t, F).update(AutoPublishAlias='live')
added('an alias', res('Lambda::Alias', FunctionName=ref(F), FunctionVersion='1', Name='x'))
added('a destination', res('Lambda::EventInvokeConfig', FunctionName=ref(F), Qualifier='$LATEST', DestinationConfig={
    'OnSuccess': {'Destination': 'arn:aws:sqs:us-east-1:111122223333:q'}}))
OPENINGS['tracing'] = lambda t: props(t, F).update(Tracing='Active')
OPENINGS['a layer'] = lambda t: props(t, F).update(Layers=['arn:aws:lambda:us-east-1:111122223333:layer:x:1'])
OPENINGS['a file system'] = lambda t: props(t, F).update(FileSystemConfigs=[{
    'Arn': 'arn:aws:elasticfilesystem:us-east-1:111122223333:access-point/fsap-1', 'LocalMountPath': '/mnt/x'}])


# Resources that an edit adds must be caught however they name what they open.  Not asked: a list that becomes empty, and
# a flow log of some VPC.

def named_otherwise(v, name):
    """References to the sandbox's own resources as `name` says: a function of the id to what stands there, or None."""
    if isinstance(v, list):
        return [x for x in (named_otherwise(y, name) for y in v) if x is not None]
    if not isinstance(v, dict):
        return v
    if len(v) == 1 and list(v)[0] in ('Ref', 'Fn::GetAtt'):
        to = list(v.values())[0]
        to = to if isinstance(to, str) else to[0]
        return name(to) if to in (V, A, T, ACL, G) else v
    return {k: y for k, y in ((k, named_otherwise(x, name)) for k, x in v.items()) if y is not None}


IDS = {V: 'vpc-0a', A: 'subnet-0a', T: 'rtb-0a', ACL: 'acl-0a', G: 'sg-0a'}
NAMINGS = {'by an id': lambda to: IDS[to], 'by a parameter': lambda to: ref('Named'),
           'by an import': lambda to: {'Fn::ImportValue': 'x'}, 'not at all': lambda to: None}


def empties_a_list(before, after):
    if isinstance(before, list):
        return bool(before) and not after
    if isinstance(before, dict) and isinstance(after, dict):
        return any(empties_a_list(x, after[k]) for k, x in before.items() if k in after)
    return False
