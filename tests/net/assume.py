"""What is unproven says what would settle it: supplying it settles it.

Takes the network cases of tests/golden/audit (and a few of its own), asks for each unproven NET finding what would settle
it, supplies that, and wants the verdict to be a pass or a fail.  Assumptions are taken from the words of the report; what
the words ask for otherwise (a value of a parameter, a change of the template) is in SUPPLY, by the words.  Speaks TAP.
"""
import json
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(HERE, '..', 'golden', 'audit'))
import run as golden  # noqa: E402

VALUES = {'Range': '127.0.0.1/32', 'Dns': 'false', 'Target': 'local', 'Env': 'prod', 'On': 'false'}
# … and of the corpora's templates: a value of the kind that the finding is about
BY_RULE = {'NET001': 'subnet-0a1b2c3d,subnet-1b2c3d4e', 'NET003': '127.0.0.1/32'}

# words of the report → (case, edit of its template that does what they say)
SUPPLY = {
    'no egress rule of its own': ('      GroupDescription: sandbox\n      VpcId: !Ref Vpc\n',
                                  '      GroupDescription: sandbox\n      VpcId: !Ref Vpc\n      SecurityGroupEgress: '
                                  "[{IpProtocol: '-1', CidrIp: 127.0.0.1/32}]\n"),
    "route Out sends '0.0.0.0/0' to NAT gateway 'nat-": ('RouteTableId: rtb-0123456789abcdef0', 'RouteTableId: !Ref RouteTable'),
    'egress of security group Group is allowed': ('GroupId: !Ref Some', 'GroupId: !Ref Group'),
    'egress of security group Vpc.Default': ('GroupId: !Ref Some', 'GroupId: !Ref Group'),
    'whether DNS firewall': ('      EnableDnsSupport: true\n', '      EnableDnsSupport: false\n'),
    'the list of subnets of Runner may be empty': ("SubnetIds: !Split [',', !ImportValue subnets]",
                                                   "SubnetIds: [!Select [0, !Split [',', !ImportValue subnets]]]"),
    'security group Vpc.DefaultSecurityGroup has no egress rule of its own': ('[!GetAtt Vpc.DefaultSecurityGroup]',
                                                                              '[!Ref Group]'),
    'has no target that this audit knows': ('WormholeId: wh-1', 'GatewayId: local'),
    'Group is not known to be of the VPC': ('VpcId: vpc-0123456789abcdef0', 'VpcId: !Ref Vpc'),
    'RouteTable is not known to be of the VPC': ('VpcId: !Ref Vpc2', 'VpcId: !Ref Vpc'),
    'Acl is not known to be of the VPC': ('    Type: AWS::EC2::NetworkAcl\n',
                                          '    Type: AWS::EC2::NetworkAcl\n    Properties: {VpcId: !Ref Vpc}\n'),
    'FlowLog Flow is attached': ('ResourceId: !Ref Vpc', 'ResourceId: vpc-0fedcba9876543210'),
    'may be a flow log': ('      LogDestination: arn:aws:s3:::elsewhere\n',
                          '      LogDestination: !GetAtt Own.Arn\n  Own:\n    Type: AWS::S3::Bucket\n'),
    "what the property 'PublicAccess' does": ('      PublicAccess: true', ''),
    'what the policy of endpoint': ('Effect: Allow, Principal', 'Effect: Deny, Principal'),
}

ELSEWHERE = '''
Parameters:
  Subnets: {Type: 'List<AWS::EC2::Subnet::Id>'}
  Group: {Type: AWS::EC2::SecurityGroup::Id}
  Vpc: {Type: AWS::EC2::VPC::Id}
Resources:
  One: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.0.0/24}}
  F:
    Type: AWS::Lambda::Function
    Properties:
      VpcConfig: {SubnetIds: [%s], SecurityGroupIds: [%s]}
'''
OWN = [(s + ' and ' + g, ELSEWHERE % (s, g)) for s in ("!Ref One", "subnet-1", "!ImportValue s", "!Select [0, !Ref Subnets]",
                                                       "'{{resolve:ssm:s}}'")
       for g in ('!Ref Group', 'sg-1', '!ImportValue g')]


def audit(text, args, facts):
    with tempfile.TemporaryDirectory() as where:
        path = os.path.join(where, 'template.yaml')
        with open(path, 'w', encoding='utf-8') as f:
            f.write(text)
        if facts:
            with open(os.path.join(where, 'assume.yaml'), 'w', encoding='utf-8') as f:
                f.write('Assumptions:\n' + ''.join('  - {%s, Reason: a test}\n' % x for x in facts))
            args = args + ['--assume', os.path.join(where, 'assume.yaml')]
        run = subprocess.run([golden.PROGRAM, 'audit', '--format', 'json', path] + args, capture_output=True,
                             timeout=60)
    if run.returncode not in (0, 1):
        raise SystemExit(run.stderr.decode('utf-8', 'replace'))
    return json.loads(run.stdout)


def unproven(report):
    return [f for f in report['findings'] if f['status'] == 'unproven' and f['rule'].startswith('NET')]


def settle(name, text, args):
    """What is still unproven once everything that is asked for was supplied."""
    report = audit(text, args, [])
    facts, overrides = set(), []
    todo = unproven(report)
    first = len(todo)
    for _ in range(3):  # to settle one can bring up the next
        for f in todo:
            facts |= set(re.findall(r'--assume, \{(.*?)\}$', f['settle'] or ''))
            if '--assume with Neighbours: none of the VPC' in (f['settle'] or ''):
                facts.add("Vpc: '*', Neighbours: none")
            for p in re.findall(r'--parameter-overrides (\w+)=', f['settle'] or ''):
                value = VALUES.get(p, BY_RULE.get(f['rule']))
                if value and not any(o.startswith(p + '=') for o in overrides):
                    overrides.append('%s=%s' % (p, value))
            for words, (old, new) in SUPPLY.items():
                if words in f['message'] and text.count(old) == 1 and old + '      SecurityGroupEgress' not in text:
                    text = text.replace(old, new)
        more = ['--parameter-overrides'] + overrides if overrides and '--parameter-overrides' not in args else []
        report = audit(text, args + more, sorted(facts))
        todo = unproven(report)
    said = [a for a in report['assumptions']]
    if len(said) < len(facts):
        return first, ['the report repeats %d of %d assumptions' % (len(said), len(facts))]
    return first, ['%s: %s (%s)' % (f['rule'], f['message'], f['settle']) for f in todo]


def main():
    cases = list(golden.edits(os.path.join(HERE, '..', 'golden', 'audit', 'cases', 'network.edits')))
    number = failed = 0
    for name, text, args in [(c.name, c.text, c.args) for c in cases] + [(n, t, []) for n, t in OWN]:
        first, left = settle(name, text, args)
        if not first:
            continue
        number += 1
        failed += bool(left)
        print('%sok %d - %s' % ('not ' if left else '', number, name))
        print('\n'.join('# ' + x for x in left), end='\n' if left else '')
    print('1..%d' % number)
    return bool(failed)


if __name__ == '__main__':
    sys.exit(main())
