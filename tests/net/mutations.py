"""Edits that open the network of a closed template: each must be caught.  Edits that change nothing: no verdict may change.

Runs on what `render` writes for an empty specification, and on three templates made richer from it; with sanitizers every
eighth edit.  Speaks TAP.
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
import golden  # noqa: E402
import plain_yaml  # noqa: E402
sys.path.insert(0, HERE)
import edits  # noqa: E402
from edits import A, ACL, F, G, OPENINGS, T, V, ref, res  # noqa: E402

PROGRAM = os.path.join(os.environ.get('top_builddir', '.'), 'sandboxgen')


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
        'Sts': res('EC2::VPCEndpoint', ServiceName='com.amazonaws.us-east-1.sts', VpcEndpointType='Interface', VpcId=ref(V),
                   SubnetIds=[ref(A)], PolicyDocument={'Version': '2012-10-17', 'Statement': [
                       {'Effect': 'Allow', 'Principal': '*', 'Action': 'sts:Get*', 'Resource': '*'},
                       {'Effect': 'Deny', 'Principal': {'AWS': '*'}, 'NotAction': 's3:*', 'Resource': '*'}]}),
        'Block': res('EC2::VPCBlockPublicAccessOptions', InternetGatewayBlockMode='block-bidirectional'),
        'Local': res('EC2::Route', RouteTableId=ref(T), DestinationCidrBlock='10.99.0.0/24', GatewayId='local')})
    return [('rendered', first), ('with another subnet', many), ('in two worlds', worlds), ('with an endpoint', closed)]


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
    """The worst verdict of each rule, of each text."""
    with tempfile.TemporaryDirectory() as where:
        paths = []
        for n, text in enumerate(texts):
            paths.append(os.path.join(where, '%d.yaml' % n))
            with open(paths[-1], 'w', encoding='utf-8', newline='') as f:
                f.write(text)
        run = subprocess.run([PROGRAM, 'audit', '--no-inline', '--format', 'json'] + paths, capture_output=True, timeout=600)
    if run.returncode not in (0, 1):
        raise SystemExit(run.stderr.decode('utf-8', 'replace')[:3000])
    verdicts = {p: {} for p in paths}
    for j in json.loads(run.stdout)['judged']:
        of = verdicts[j['file']]
        of[j['rule']] = max(of.get(j['rule'], 'pass'), j['verdict'], key=WORSE.index)
    return [verdicts[p] for p in paths]


WORSE = ['pass', 'unproven', 'fail']


def caught(words, closed, verdicts):
    return any(WORSE.index(v) > WORSE.index(closed.get(rule, 'pass')) for rule, v in verdicts.items()
               if words not in edits.NETWORK or rule.startswith('NET'))


def of_network(verdicts):
    return {rule: v for rule, v in verdicts.items() if rule.startswith('NET')}


def opened(base):
    """(kind, text): each edit by itself, and what it adds with its references made otherwise."""
    found = []
    for kind, change in OPENINGS.items():
        t = copy.deepcopy(base)
        change(t)
        found.append((kind, kind, json.dumps(t, indent=1)))
        if kind not in edits.NETWORK or 'Added' not in t['Resources'] or kind.startswith('flow log'):
            continue
        plain = t['Resources']['Added']['Properties']
        for how, name in edits.NAMINGS.items():
            otherwise = edits.named_otherwise(plain, name)
            if otherwise == plain or edits.empties_a_list(plain, otherwise):
                continue
            t['Resources']['Added']['Properties'] = otherwise
            t.setdefault('Parameters', {})['Named'] = {'Type': 'String'}
            found.append((kind, '%s, named %s' % (kind, how), json.dumps(t, indent=1)))
    return found


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
        edited = golden.sampled(opened(base), PROGRAM)
        closed, *judged = audit([json.dumps(base, indent=1)] + [text for _, _, text in edited])
        say(closed and set(of_network(closed).values()) == {'pass'}, name + ' is closed', closed)
        for (kind, words, _), verdicts in zip(edited, judged):
            say(caught(words, closed, verdicts), '%s: %s' % (name, words), verdicts)
        texts, names = [], []
        for kind, change in TREES.items():
            text = json.dumps(change(copy.deepcopy(base)), indent=1)
            for form, rewrite in TEXTS.items():
                texts.append(rewrite(text))
                names.append('%s, %s' % (kind, form))
        names, texts = golden.sampled(names, PROGRAM), golden.sampled(texts, PROGRAM)
        for kind, verdicts in zip(names, audit(texts)):
            say(verdicts == closed, '%s: %s changes nothing' % (name, kind), verdicts)
    print('1..%d' % number)
    return bool(failed)


if __name__ == '__main__':
    sys.exit(main())
