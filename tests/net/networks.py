"""Random networks, wholly inside of their template: whatever a packet of the function meets is there, in some deployment.

What would be unproven by its nature is left out: routes that somebody else announces, prefix lists of AWS's, a group
whose allow-all rule a separate resource may have taken away.
"""
V4 = ['0.0.0.0/0', '0.0.0.0/1', '128.0.0.0/1', '10.0.0.0/8', '10.0.0.0/16', '10.0.1.0/24', '10.0.2.0/24', '10.0.2.128/25',
      '10.9.0.0/16', '10.9.1.0/24', '172.16.0.0/12', '8.8.8.0/24', '8.8.8.8/32', '127.0.0.0/8', '127.0.0.1/32']
V6 = ['::/0', '2000::/3', '2001:db8::/32', '2001:db8:1::/48', '::1/128']
PORTS = [(-1, -1), (0, 65535), (443, 443), (53, 53), (1024, 65535), (400, 500), (22, 80)]


def ref(name):
    return {'Ref': name}


class Maker:
    def __init__(self, rng, emulated):
        self.rng = rng
        self.emulated = emulated  # only what ministack keeps
        self.resources = {}
        self.worlds = rng.random() < 0.4
        self.lists = []

    def add(self, name, kind, condition=True, **properties):
        r = {'Type': 'AWS::' + kind, 'Properties': properties}
        if condition and self.worlds and self.rng.random() < 0.15:
            r['Condition'] = self.rng.choice(['IsDev', 'IsProd'])
        self.resources[name] = r
        return name

    def maybe(self, value, other):
        """The value, or (in some networks) one that the environment decides."""
        if self.worlds and self.rng.random() < 0.15:
            return {'Fn::If': [self.rng.choice(['IsDev', 'IsProd']), value, other]}
        return value

    def protocol(self, numbers=False):
        p = self.rng.choice(['-1', '-1', 'tcp', 'tcp', 'udp', 'icmp', '50'])
        names = {'tcp': 6, 'udp': 17, 'icmp': 1}
        return int(names.get(p, p)) if numbers else p

    def ports(self, protocol):
        if protocol in ('icmp', 1):
            return self.rng.choice([(-1, -1), (8, -1), (8, 0), (3, 4)])
        return self.rng.choice(PORTS if protocol in ('tcp', 'udp') else PORTS[1:])

    def rule(self, groups, egress):
        p = self.protocol()
        rule = {'IpProtocol': p}
        if p in ('tcp', 'udp', 'icmp'):
            rule['FromPort'], rule['ToPort'] = self.ports(p)
        side = 'Destination' if egress else 'Source'
        kind = self.rng.random()
        if kind < 0.65:
            rule['CidrIp'] = self.maybe(self.rng.choice(V4), self.rng.choice(V4))
        elif kind < 0.8:
            rule['CidrIpv6'] = self.rng.choice(V6)
        elif kind < 0.9 or not self.lists:
            rule[side + 'SecurityGroupId'] = ref(self.rng.choice(groups))
        else:
            rule[side + 'PrefixListId'] = ref(self.rng.choice(self.lists))
        return rule

    def make(self):
        rng = self.rng
        self.add('Vpc', 'EC2::VPC', False, CidrBlock='10.0.0.0/16', EnableDnsSupport=False)
        if rng.random() < 0.2 and not self.emulated:
            self.add('More', 'EC2::VPCCidrBlock', VpcId=ref('Vpc'), CidrBlock='10.1.0.0/16')
        self.six = rng.random() < 0.4 and not self.emulated
        if self.six:
            self.add('Six', 'EC2::VPCCidrBlock', False, VpcId=ref('Vpc'), Ipv6CidrBlock='2001:db8:1::/56', Ipv6Pool='p')
        subnets = ['Subnet%d' % i for i in range(1, rng.randint(2, 4) + 1)]
        for i, s in enumerate(subnets, 1):
            p = {'VpcId': ref('Vpc'), 'CidrBlock': '10.0.%d.0/24' % i}
            if self.six:
                p['Ipv6CidrBlock'] = '2001:db8:1:%d::/64' % i
            self.add(s, 'EC2::Subnet', False, **p)
        other = rng.random() < 0.5
        if other:
            self.add('Vpc2', 'EC2::VPC', False, CidrBlock='10.9.0.0/16')
            self.add('Far', 'EC2::Subnet', False, VpcId=ref('Vpc2'), CidrBlock='10.9.1.0/24')
            self.add('Peer', 'EC2::VPCPeeringConnection', False, VpcId=ref('Vpc'), PeerVpcId=ref('Vpc2'))
        for n in range(rng.randint(0, 2)):
            self.lists.append(self.add('List%d' % n, 'EC2::PrefixList', False, PrefixListName='l', MaxEntries=4,
                                       AddressFamily='IPv4',
                                       Entries=[{'Cidr': c} for c in rng.sample(V4, rng.randint(1, 2))]))
        self.groups(subnets)
        targets = self.gateways(subnets, other)
        self.tables(subnets, targets, other)
        self.acls(subnets + (['Far'] if other else []))
        self.interfaces(subnets + (['Far'] if other else []))
        if rng.random() < 0.15 and not self.emulated:
            self.add('Block', 'EC2::VPCBlockPublicAccessOptions',
                     InternetGatewayBlockMode=rng.choice(['block-bidirectional', 'block-ingress']))
            if rng.random() < 0.5:
                self.add('Except', 'EC2::VPCBlockPublicAccessExclusion', SubnetId=ref(rng.choice(subnets)),
                         InternetGatewayExclusionMode=rng.choice(['allow-bidirectional', 'allow-egress']))
        config = {'SubnetIds': [ref(s) for s in rng.sample(subnets, rng.randint(1, 2))],
                  'SecurityGroupIds': [ref(g) for g in rng.sample(['Group1', 'Group2'], rng.randint(1, 2))]}
        if self.six and rng.random() < 0.6:
            config['Ipv6AllowedForDualStack'] = True
        self.resources['Runner'] = {
            'Type': 'AWS::Serverless::Function',
            'Properties': {'InlineCode': 'x', 'Handler': 'index.h', 'Runtime': 'python3.12', 'VpcConfig': config}}
        return {'AWSTemplateFormatVersion': '2010-09-09', 'Transform': 'AWS::Serverless-2016-10-31',
                'Parameters': {'Env': {'Type': 'String', 'AllowedValues': ['dev', 'prod']}},
                'Conditions': {'IsDev': {'Fn::Equals': [ref('Env'), 'dev']},
                               'IsProd': {'Fn::Not': [{'Condition': 'IsDev'}]}},
                'Resources': self.resources}

    def groups(self, subnets):
        rng = self.rng
        names = ['Group1', 'Group2', 'Group3']
        if self.emulated:
            self.add('Group0', 'EC2::SecurityGroup', False, GroupDescription='g', VpcId=ref('Vpc'))
        for i, n in enumerate(names):
            # CloudFormation refuses groups that name each other in a circle
            peers = names[:i] or ['Group0'] if self.emulated else names
            egress = [self.rule(peers, True) for _ in range(rng.randint(1, 2))]
            if rng.random() < 0.1:
                egress = [{'IpProtocol': '-1', 'CidrIp': '127.0.0.1/32'}]
            p = {'GroupDescription': 'g', 'VpcId': ref('Vpc'), 'SecurityGroupEgress': egress}
            if rng.random() < 0.1:
                del p['SecurityGroupEgress']
            elif rng.random() < 0.3:
                self.add(n + 'Egress', 'EC2::SecurityGroupEgress', GroupId={'Fn::GetAtt': [n, 'GroupId']},
                         **self.rule(names, True))
            if rng.random() < 0.6:
                p['SecurityGroupIngress'] = [self.rule(peers, False) for _ in range(rng.randint(1, 2))]
            if rng.random() < 0.2:
                self.add(n + 'Ingress', 'EC2::SecurityGroupIngress', GroupId=ref(n), **self.rule(names, False))
            self.add(n, 'EC2::SecurityGroup', False, **p)

    def gateways(self, subnets, other):
        rng = self.rng
        self.add('Igw', 'EC2::InternetGateway', False)
        self.add('Attached', 'EC2::VPCGatewayAttachment', False, VpcId=ref('Vpc'), InternetGatewayId=ref('Igw'))
        self.add('Nat', 'EC2::NatGateway', False, SubnetId=ref(rng.choice(subnets)),
                 ConnectivityType=rng.choice(['public', 'public', 'private']))
        self.add('Vgw', 'EC2::VPNGateway', False, Type='ipsec.1')
        targets = [('GatewayId', 'Igw'), ('NatGatewayId', 'Nat'), ('NatGatewayId', 'Nat'), ('GatewayId', 'Vgw')]
        if other:
            targets.append(('VpcPeeringConnectionId', 'Peer'))
        if rng.random() < 0.4 and not self.emulated:
            self.transit(subnets, other)
            targets += [('TransitGatewayId', 'Tgw')] * 2
        return targets

    def transit(self, subnets, other):
        rng = self.rng
        p = {}
        for key in ('DefaultRouteTableAssociation', 'DefaultRouteTablePropagation'):
            if rng.random() < 0.3:
                p[key] = 'disable'
        self.add('Tgw', 'EC2::TransitGateway', False, **p)
        names = []
        if rng.random() < 0.85:
            names.append(self.add('TgwHere', 'EC2::TransitGatewayVpcAttachment', False, TransitGatewayId=ref('Tgw'),
                                  VpcId=ref('Vpc'), SubnetIds=[ref(rng.choice(subnets))]))
        if other:
            names.append(self.add('TgwThere', 'EC2::TransitGatewayAttachment', False, TransitGatewayId=ref('Tgw'),
                                  VpcId=ref('Vpc2'), SubnetIds=[ref('Far')]))
        if names and rng.random() < 0.6:
            self.add('TgwTable', 'EC2::TransitGatewayRouteTable', False, TransitGatewayId=ref('Tgw'))
            a = rng.choice(names)
            if rng.random() < 0.8:
                self.add('TgwAssociation', 'EC2::TransitGatewayRouteTableAssociation',
                         TransitGatewayAttachmentId=ref(a), TransitGatewayRouteTableId=ref('TgwTable'))
            for i, cidr in enumerate(rng.sample(V4[:11], rng.randint(0, 2))):
                route = {'TransitGatewayRouteTableId': ref('TgwTable'), 'DestinationCidrBlock': cidr}
                if rng.random() < 0.25:
                    route['Blackhole'] = True
                else:
                    route['TransitGatewayAttachmentId'] = ref(rng.choice(names))
                self.add('TgwRoute%d' % i, 'EC2::TransitGatewayRoute', False, **route)
            if rng.random() < 0.4:
                self.add('TgwPropagation', 'EC2::TransitGatewayRouteTablePropagation',
                         TransitGatewayAttachmentId=ref(rng.choice(names)),
                         TransitGatewayRouteTableId=ref('TgwTable'))

    def tables(self, subnets, targets, other):
        rng = self.rng
        for t in ('Table1', 'Table2'):
            self.add(t, 'EC2::RouteTable', False, VpcId=ref('Vpc'))
            self.routes(t, targets)
        for s in subnets:
            if rng.random() < 0.85:
                self.add(s + 'Table', 'EC2::SubnetRouteTableAssociation', SubnetId=ref(s),
                         RouteTableId=ref(rng.choice(['Table1', 'Table2'])))
        if other and rng.random() < 0.7:
            self.add('Table3', 'EC2::RouteTable', False, VpcId=ref('Vpc2'))
            far = [(k, t) for k, t in targets if t in ('Igw', 'Vgw', 'Tgw')]
            self.routes('Table3', far)
            self.add('FarTable', 'EC2::SubnetRouteTableAssociation', False, SubnetId=ref('Far'),
                     RouteTableId=ref('Table3'))

    def routes(self, table, targets):
        rng = self.rng
        used = set()
        for i in range(rng.randint(1, 4)):
            p = {'RouteTableId': ref(table)}
            key, target = rng.choice(targets)
            if self.six and key == 'GatewayId' and rng.random() < 0.4:
                p['DestinationIpv6CidrBlock'] = dest = rng.choice(V6[:3])
                if target == 'Igw' and rng.random() < 0.5:
                    self.resources.setdefault('Eigw', {'Type': 'AWS::EC2::EgressOnlyInternetGateway',
                                                       'Properties': {'VpcId': ref('Vpc')}})
                    key, target = 'EgressOnlyInternetGatewayId', 'Eigw'
            elif self.lists and rng.random() < 0.1 and not used & set(self.lists):
                p['DestinationPrefixListId'] = ref(self.lists[0])
                dest = self.lists[0]
                used |= {e['Cidr'] for e in self.resources[dest]['Properties']['Entries']}
            else:
                dest = rng.choice(V4[:4] + V4[:3] + V4[6:13])
                p['DestinationCidrBlock'] = dest
            if dest in used or any(l in used for l in self.lists):
                continue
            used.add(dest)
            p[key] = ref(target)
            self.add('%sRoute%d' % (table, i), 'EC2::Route', **p)

    def acls(self, subnets):
        rng = self.rng
        names = []
        for n in range(rng.randint(1, 2)):
            acl = self.add('Acl%d' % n, 'EC2::NetworkAcl', False, VpcId=ref('Vpc'))
            names.append(acl)
            numbers = rng.sample(range(1, 20), 3)
            for i in range(rng.randint(1, 3)):
                proto = rng.choice([-1, -1, self.protocol(True)])
                if self.emulated and proto in (1, 6, 17):
                    proto = rng.choice([-1, 50])  # their ports would be lost
                p = {'NetworkAclId': ref(acl), 'RuleNumber': numbers[i], 'Protocol': proto,
                     'RuleAction': self.maybe(rng.choice(['allow', 'allow', 'deny']), 'deny')}
                if rng.random() < 0.8:
                    p['Egress'] = True
                if rng.random() < 0.85:
                    p['CidrBlock'] = rng.choice(V4 + V4[:3] * 5)
                else:
                    p['Ipv6CidrBlock'] = rng.choice(V6)
                low, high = self.ports({6: 'tcp', 17: 'udp', 1: 'icmp'}.get(proto))
                if proto in (6, 17):
                    p['PortRange'] = {'From': max(low, 0), 'To': high if low >= 0 else 65535}
                elif proto == 1:
                    p['Icmp'] = {'Type': low, 'Code': high}
                self.add('%sEntry%d' % (acl, i), 'EC2::NetworkAclEntry', **p)
        for s in subnets:
            if rng.random() < 0.5:
                self.add(s + 'Acl', 'EC2::SubnetNetworkAclAssociation', SubnetId=ref(s),
                         NetworkAclId=ref(rng.choice(names)))
        if rng.random() < 0.15:
            self.add('DefaultEntry', 'EC2::NetworkAclEntry', NetworkAclId={'Fn::GetAtt': ['Vpc', 'DefaultNetworkAcl']},
                     RuleNumber=50, Protocol=-1, RuleAction='deny', Egress=True, CidrBlock=rng.choice(V4))

    def interfaces(self, subnets):
        rng = self.rng
        for i in range(rng.randint(0, 3)):
            subnet = rng.choice(subnets)
            p = {'SubnetId': ref(subnet), 'ImageId': 'ami-1'}
            if subnet != 'Far' and rng.random() < 0.85:
                p['SecurityGroupIds'] = [ref(rng.choice(['Group1', 'Group2', 'Group3']))]
            elif subnet == 'Far' and rng.random() < 0.7:
                p['SecurityGroupIds'] = [ref('Group4')]
                self.add('Group4', 'EC2::SecurityGroup', False, GroupDescription='g', VpcId=ref('Vpc2'),
                         SecurityGroupIngress=[self.rule(['Group1', 'Group2'], False)])
            self.add('Machine%d' % i, 'EC2::Instance', **p)


def make(rng, emulated=False):
    return Maker(rng, emulated).make()
