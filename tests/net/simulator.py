"""What gets out of a network: packets walked one by one over a template, as AWS's documents say that they go.

Knows nothing of sandboxgen.  Reads CloudFormation as the SAM translator writes it, in one deployment at a time.  Sources:
VPC user guide: route priority, network ACL rules, security group rules, NAT gateways, Block Public Access, peering
limitations (no transit); transit gateway guide: route tables, network ACLs.
"""
import ipaddress

PORTS = (6, 17, 1)
NAMES = {'tcp': 6, 'udp': 17, 'icmp': 1, 'icmpv6': 58, '-1': -1}
ANY4, ANY6 = ipaddress.ip_network('0.0.0.0/0'), ipaddress.ip_network('::/0')
NOWHERE = [ipaddress.ip_network(n) for n in ('127.0.0.0/8', '255.255.255.255/32', '::1/128')]


def net(text):
    return ipaddress.ip_network(text, strict=False)


class World:
    """A template in one deployment: conditions decided, intrinsics gone; references are ('ref', id)."""

    def __init__(self, template, env):
        self.conditions, self.template = template.get('Conditions', {}), template
        self.env = env
        self.resources = {}
        for name, r in template['Resources'].items():
            if 'Condition' not in r or self.true(r['Condition']):
                self.resources[name] = (r['Type'], self.plain(r.get('Properties', {})))

    def true(self, c):
        if isinstance(c, str):
            return self.true(self.conditions[c])
        (key, arg), = c.items()
        if key == 'Condition':
            return self.true(arg)
        if key == 'Fn::Not':
            return not self.true(arg[0])
        assert key == 'Fn::Equals'
        return self.plain(arg[0]) == self.plain(arg[1])

    def plain(self, v):
        if isinstance(v, list):
            return [self.plain(x) for x in v]
        if not isinstance(v, dict):
            return v
        if set(v) == {'Ref'}:
            return self.env if v['Ref'] == 'Env' else ('ref', v['Ref'])
        if set(v) == {'Fn::GetAtt'}:
            what = v['Fn::GetAtt']
            return ('ref', what[0]) if what[1] in ('GroupId', 'Arn') else ('att',) + tuple(what)
        if set(v) == {'Fn::If'}:
            c, a, b = v['Fn::If']
            return self.plain(a if self.true(c) else b)
        return {k: self.plain(x) for k, x in v.items()}

    def all(self, kind):
        return [(n, p) for n, (t, p) in self.resources.items() if t == 'AWS::' + kind]

    def kind(self, reference):
        return self.resources[reference[1]][0] if reference[1] in self.resources else None

    def get(self, reference):
        return self.resources[reference[1]][1] if isinstance(reference, tuple) and reference[1] in self.resources else None


class Packet:
    def __init__(self, to, protocol, port):
        self.to, self.protocol, self.port = to, protocol, port
        self.six = to.version == 6


class Network:
    def __init__(self, template, env, world=None):
        self.w = world or World(template, env)

    # ------------------------------------------------------------------------------------------ matching

    def ranges(self, p, list_key, four, six):
        found = [net(p[k]) for k in (four, six) if k in p]
        if list_key in p:
            found += [net(e['Cidr']) for e in self.w.get(p[list_key])['Entries']]
        return found

    @staticmethod
    def fits(protocol, low, high, packet):
        if protocol == -1:
            return True
        if protocol != packet.protocol:
            return False
        if packet.protocol not in PORTS:
            return True
        if packet.protocol == 1:
            kind, code = packet.port
            return low in (-1, kind) and (low == -1 or high in (-1, code))
        return low == -1 or low <= packet.port <= high

    def rule_fits(self, rule, packet):
        protocol = NAMES.get(str(rule['IpProtocol']))
        if protocol is None:
            protocol = int(rule['IpProtocol'])
        return self.fits(protocol, rule.get('FromPort', -1), rule.get('ToPort', -1), packet)

    def rules(self, group, egress):
        p = self.w.get(group)
        side = 'SecurityGroupEgress' if egress else 'SecurityGroupIngress'
        own = p.get(side) or []
        separate = [r for _, r in self.w.all('EC2::' + side) if r['GroupId'] == group]
        if egress and not own:
            own = [{'IpProtocol': '-1', 'CidrIp': '0.0.0.0/0'}, {'IpProtocol': '-1', 'CidrIpv6': '::/0'}]
        return own + separate

    def groups_pass(self, groups, egress, packet, address, peers):
        side = 'Destination' if egress else 'Source'
        for group in groups:
            for rule in self.rules(group, egress):
                if not self.rule_fits(rule, packet):
                    continue
                if any(a in n for n in self.ranges(rule, side + 'PrefixListId', 'CidrIp', 'CidrIpv6') for a in address):
                    return True
                if rule.get(side + 'SecurityGroupId', 0) in peers:
                    return True
        return False

    def acl(self, subnet, egress, packet, addresses):
        """Does the subnet's ACL let through a packet to (or from) one of the addresses?"""
        name = None
        for _, a in self.w.all('EC2::SubnetNetworkAclAssociation'):
            if a['SubnetId'] == subnet:
                name = a['NetworkAclId']
        vpc = self.w.get(subnet)['VpcId']
        wanted = name or ('att', vpc[1], 'DefaultNetworkAcl')
        entries = [(e['RuleNumber'], e['RuleAction'], e) for _, e in self.w.all('EC2::NetworkAclEntry')
                   if e['NetworkAclId'] == wanted and bool(e.get('Egress', False)) == egress]
        if name is None:
            entries += [(100, 'allow', {'Protocol': -1, 'CidrBlock': '0.0.0.0/0'}),
                        (101, 'allow', {'Protocol': -1, 'Ipv6CidrBlock': '::/0'})]
        entries.sort(key=lambda e: e[0])
        for address in addresses:
            for _, action, e in entries:
                ports = e.get('PortRange', {})
                low, high = ports.get('From', -1), ports.get('To', -1)
                if 'Icmp' in e:
                    low, high = e['Icmp']['Type'], e['Icmp']['Code']
                if address in net(e.get('CidrBlock') or e['Ipv6CidrBlock']) and \
                        self.fits(e['Protocol'], low, high, packet):
                    if action == 'allow':
                        return True
                    break
        return False

    # ------------------------------------------------------------------------------------------ routing

    def local(self, vpc):
        p = self.w.get(vpc)
        found = [net(p['CidrBlock'])]
        for _, b in self.w.all('EC2::VPCCidrBlock'):
            if b['VpcId'] == vpc:
                found += [net(b[k]) for k in ('CidrBlock', 'Ipv6CidrBlock') if k in b]
        return found

    def table(self, subnet):
        for _, a in self.w.all('EC2::SubnetRouteTableAssociation'):
            if a['SubnetId'] == subnet:
                return a['RouteTableId']
        return None

    def target(self, subnet, packet):
        """('local',), (property, reference) or None: the longest prefix decides."""
        vpc = self.w.get(subnet)['VpcId']
        routes = [(n.prefixlen, 0, ('local',)) for n in self.local(vpc) if packet.to in n]
        table = self.table(subnet)
        for _, r in self.w.all('EC2::Route'):
            if r['RouteTableId'] != table:
                continue
            for n in self.ranges(r, 'DestinationPrefixListId', 'DestinationCidrBlock', 'DestinationIpv6CidrBlock'):
                if packet.to in n:
                    (key, ref), = [(k, v) for k, v in r.items() if k.endswith('Id') and
                                   k not in ('RouteTableId', 'DestinationPrefixListId')]
                    routes.append((n.prefixlen, 1, (key, ref)))
        return max(routes, key=lambda r: r[:2])[2] if routes else None

    def blocked(self, subnet, outgoing):
        for _, b in self.w.all('EC2::VPCBlockPublicAccessOptions'):
            mode = b['InternetGatewayBlockMode']
            if mode == 'block-bidirectional' or not outgoing:
                for _, e in self.w.all('EC2::VPCBlockPublicAccessExclusion'):
                    m = e['InternetGatewayExclusionMode']
                    if e['SubnetId'] == subnet and (m == 'allow-bidirectional' or outgoing):
                        return False
                return True
        return False

    def go(self, subnet, packet, source, nat=None, depth=0):
        """Where the packet ends: 'out', ('vpc', reference, last subnet, source) or None.  It has left the subnet."""
        if depth > 8:
            return None
        t = self.target(subnet, packet)
        if t is None:
            return None
        if t == ('local',):
            return ('vpc', self.w.get(subnet)['VpcId'], subnet, source)
        key, ref = t
        if key == 'NatGatewayId':
            g = self.w.get(ref)
            there = g['SubnetId']
            if there != subnet and not (self.acl(there, False, packet, source) and
                                        self.acl(there, True, packet, [packet.to])):
                return None
            kind = 'private' if 'private' in (nat, g['ConnectivityType']) else 'public'
            return self.go(there, packet, self.points(there, packet.six), kind, depth + 1)
        if key == 'VpcPeeringConnectionId':
            c = self.w.get(ref)
            here = self.w.get(subnet)['VpcId']
            return ('vpc', c['PeerVpcId'] if c['VpcId'] == here else c['VpcId'], subnet, source)
        if key == 'TransitGatewayId':
            return self.transit(ref, subnet, packet, source, nat, depth)
        if self.w.kind(ref) == 'AWS::EC2::InternetGateway' and (nat == 'private' or self.blocked(subnet, nat is not None)):
            return None
        if key == 'EgressOnlyInternetGatewayId' and self.blocked(subnet, True):
            return None
        return 'out'

    def attachments(self, gateway):
        return [(n, a) for k in ('EC2::TransitGatewayVpcAttachment', 'EC2::TransitGatewayAttachment')
                for n, a in self.w.all(k) if a['TransitGatewayId'] == gateway]

    def transit(self, gateway, subnet, packet, source, nat, depth):
        here = self.w.get(subnet)['VpcId']
        g = self.w.get(gateway)
        mine = [(n, a) for n, a in self.attachments(gateway) if a['VpcId'] == here]
        if not mine:
            return None
        name, a = mine[0]
        entry = a['SubnetIds'][0]
        if entry != subnet and not self.acl(entry, False, packet, source):
            return None
        table = None
        for _, s in self.w.all('EC2::TransitGatewayRouteTableAssociation'):
            if s['TransitGatewayAttachmentId'] == ('ref', name):
                table = s['TransitGatewayRouteTableId']
        routes = []
        if table:
            for _, r in self.w.all('EC2::TransitGatewayRoute'):
                if r['TransitGatewayRouteTableId'] == table and packet.to in net(r['DestinationCidrBlock']):
                    routes.append((net(r['DestinationCidrBlock']).prefixlen, 1, r.get('TransitGatewayAttachmentId')))
            known = [p['TransitGatewayAttachmentId'] for _, p in
                     self.w.all('EC2::TransitGatewayRouteTablePropagation') if p['TransitGatewayRouteTableId'] == table]
        else:
            if g.get('DefaultRouteTableAssociation') == 'disable':
                return None
            known = [] if g.get('DefaultRouteTablePropagation') == 'disable' else \
                [('ref', n) for n, _ in self.attachments(gateway)]
        for k in known:
            routes += [(n.prefixlen, 0, k) for n in self.local(self.w.get(k)['VpcId']) if packet.to in n]
        if not routes:
            return None
        to = max(routes, key=lambda r: r[:2])[2]
        if to is None:
            return None
        there = self.w.get(to)['SubnetIds'][0]
        if not self.acl(there, True, packet, [packet.to]):
            return None
        return self.go(there, packet, source, nat, depth + 1)

    # ------------------------------------------------------------------------------------------ points

    def cidrs(self, v, found):
        if isinstance(v, dict):
            for x in v.values():
                self.cidrs(x, found)
        elif isinstance(v, list):
            for x in v:
                self.cidrs(x, found)
        elif isinstance(v, str) and '/' in v:
            try:
                found.add(net(v))
            except ValueError:
                pass

    def all_points(self):
        """An address of each kind that no range of the template tells apart, and their neighbours."""
        if not hasattr(self, '_points'):
            found = {ANY4, ANY6}
            self.cidrs([p for _, p in self.w.resources.values()], found)
            points = set()
            for n in found:
                points.add(n.network_address)
                if int(n.broadcast_address) + 1 < 2 ** n.max_prefixlen:
                    points.add(n.broadcast_address + 1)
            self._points = sorted((p for p in points if not any(p in n for n in NOWHERE)),
                                  key=lambda p: (p.version, int(p)))
        return self._points

    def points(self, subnet, six):
        p = self.w.get(subnet)
        key = 'Ipv6CidrBlock' if six else 'CidrBlock'
        n = net(p[key]) if key in p else None
        return [a for a in self.all_points() if n and a in n]

    def kinds(self):
        """Protocols and ports of each kind."""
        ports, icmp = {0, 1}, {(0, 0)}

        def visit(v):
            if isinstance(v, dict):
                for k, low, high in ((v, 'FromPort', 'ToPort'), (v, 'From', 'To')):
                    if low in k:
                        ports.update(x for x in (k[low], k[high] + 1) if 0 <= x < 65536)
                        icmp.update((t, c) for t in (k[low],) for c in (0, max(k[high], 0), 255) if 0 <= t < 256)
                if 'Type' in v and 'Code' in v:
                    icmp.update((max(v['Type'], 0), c) for c in (0, max(v['Code'], 0), 255))
                for x in v.values():
                    visit(x)
            elif isinstance(v, list):
                for x in v:
                    visit(x)
        visit([p for _, p in self.w.resources.values()])
        return [(p, port) for p in (6, 17) for port in sorted(ports)] + [(1, i) for i in sorted(icmp)] + \
            [(50, 0), (99, 0)]

    # ------------------------------------------------------------------------------------------ the question

    def judge(self):
        """(a packet gets out, an instance is reached)"""
        out = reached = False
        function = next(p for t, p in self.w.resources.values() if t in ('AWS::Lambda::Function',
                                                                         'AWS::Serverless::Function'))
        config = function['VpcConfig']
        groups = config['SecurityGroupIds']
        machines = [p for _, p in self.w.all('EC2::Instance')]
        kinds = self.kinds()
        for to in self.all_points():
            if to.version == 6 and not config.get('Ipv6AllowedForDualStack'):
                continue
            near = [m for m in machines if not out or to in net(self.w.get(m['SubnetId'])['CidrBlock'])]
            for protocol, port in kinds:
                packet = Packet(to, protocol, port)
                for subnet in config['SubnetIds']:
                    source = self.points(subnet, packet.six)
                    if not out and self.groups_pass(groups, True, packet, [to], ()) and \
                            self.acl(subnet, True, packet, [to]) and self.go(subnet, packet, source) == 'out':
                        out = True
                    for m in near:
                        if not reached and to in net(self.w.get(m['SubnetId'])['CidrBlock']):
                            reached = self.talk(groups, subnet, packet, m, source)
                if out and (reached or not machines):
                    return out, reached
        return out, reached

    def talk(self, groups, subnet, packet, machine, source):
        there = machine['SubnetId']
        theirs = machine.get('SecurityGroupIds')
        if not self.groups_pass(groups, True, packet, [packet.to], theirs or ()):
            return False
        # without groups of its own it has the VPC's default one, which lets in only what has that group
        if not theirs or not self.groups_pass(theirs, False, packet, source, groups):
            return False
        if there == subnet:
            return True
        if not self.acl(subnet, True, packet, [packet.to]):
            return False
        end = self.go(subnet, packet, source)
        if not isinstance(end, tuple) or end[1] != self.w.get(there)['VpcId']:
            return False
        return end[2] == there or self.acl(there, False, packet, end[3])


def judge(template):
    """In any deployment."""
    worlds = [Network(template, env).judge() for env in ('dev', 'prod')]
    return any(o for o, _ in worlds), any(r for _, r in worlds)
