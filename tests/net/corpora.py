"""Templates that nobody here wrote, with functions attached to a VPC: verdicts checked by hand (corpora.txt), how much is unproven
and why, and that what an unproven finding asks for settles it.

The corpora are at $SANDBOXGEN_CORPORA or ../shared/corpora.  `corpora.py --share` prints the share with its causes alone.
Speaks TAP.
"""
import collections
import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path[:0] = [HERE]
import assume  # noqa: E402

TOP = os.path.join(HERE, '..', '..')
CORPORA = os.environ.get('SANDBOXGEN_CORPORA') or os.path.join(TOP, '..', 'shared', 'corpora')
PROGRAM = os.path.join(os.environ.get('top_builddir', TOP), 'sandboxgen')
LETTERS = {'p': 'pass', 'f': 'fail', 'u': 'unproven'}
RULES = ['NET%03d' % n for n in range(1, 13)]


def templates():
    """Every file that speaks of a VpcConfig and can be judged: path → report."""
    found = {}
    for folder, folders, names in os.walk(CORPORA):
        folders.sort()
        for name in sorted(names):
            path = os.path.join(folder, name)
            if not re.search(r'\.(ya?ml|json|template)$', name) or os.path.getsize(path) > 4 << 20:
                continue
            with open(path, 'rb') as f:
                if b'VpcConfig' not in f.read():
                    continue
            run = subprocess.run([PROGRAM, 'audit', '--format', 'json', path], capture_output=True, timeout=60)
            if run.returncode in (0, 1):
                found[os.path.relpath(path, CORPORA)] = json.loads(run.stdout)
    return found


def functions(report):
    """function → rule → verdict, of those that are in a VPC in some deployment"""
    found = {}
    for j in report['judged']:
        if j['rule'] in RULES and j['resource']:
            found.setdefault(j['resource'], {})[j['rule']] = j['verdict']
    return {name: verdicts for name, verdicts in found.items() if 'NET002' in verdicts}


# Where the words ask for a change of the template: the change that they ask for.
EGRESS = "      SecurityGroupEgress: [{IpProtocol: '-1', CidrIp: 127.0.0.1/32}]\n"
CHANGES = {
    'sam-translator/integration/resources/templates/combination/function_with_file_system_config.yaml': [
        ('egress that is closed', '        Ref: PreCreatedVpc\nMetadata:', '        Ref: PreCreatedVpc\n' + EGRESS + 'Metadata:')],
    'serverless-patterns/apigw-lambda-memorydb/template.yaml': [
        ('egress that is closed', '      CidrIp: 0.0.0.0/0\n      GroupId:\n        Fn::GetAtt:\n          - lambdaSG\n',
         '      CidrIp: 127.0.0.1/32\n      GroupId:\n        Fn::GetAtt:\n          - lambdaSG\n'),
        ('egress that is closed', '      GroupDescription: lambda access\n', '      GroupDescription: lambda access\n' + EGRESS),
        ('EnableDnsHostnames: false', 'EnableDnsHostnames: true', 'EnableDnsHostnames: false')],
    'serverless-patterns/docdb-lambda-nodejs-sam/template.yaml': [
        ('egress that is closed', '          ToPort: 443\n          CidrIp: 0.0.0.0/0\n\n# Creating a Subnet',
         '          ToPort: 443\n          CidrIp: 127.0.0.1/32\n\n# Creating a Subnet')],
    'serverless-patterns/private-apigw-cross-region/template2-regionB.yaml': [
        ('EnableDnsHostnames: false', 'EnableDnsHostnames: true', 'EnableDnsHostnames: false')],
}


def changed(path, text):
    """The template with the changes that its findings ask for."""
    asked = ' '.join(f['settle'] or '' for f in assume.unproven(assume.audit(text, [], [])))
    for words, old, new in CHANGES.get(path, []):
        assert words in asked and text.count(old) == 1, (path, words)
        text = text.replace(old, new)
    return text


def cause(finding):
    """The words without the names."""
    text = re.sub(r"'[^']*'|\$\{[^}]*\}(\.\w+)?", '…', finding['message'])
    text = re.sub(r'the list that parameter \w+ will hold', '…', text)
    text = text.replace(finding['resource'], 'F') if finding['resource'] else text
    return re.sub(r'\b(VPC|file system|resource|database|security group) (?!of\b|is\b|may\b)\w+', r'\1 …', text)


def share(reports):
    attached = {path: functions(r) for path, r in reports.items() if functions(r)}
    verdicts = [v for by_function in attached.values() for rules in by_function.values() for v in rules.values()]
    open_ones = [rules for by_function in attached.values() for rules in by_function.values()
                 if 'unproven' in rules.values()]
    print('# %d templates with %d functions in a VPC; %d of %d verdicts (%d %%) are unproven, of %d functions; %d fail, %d pass'
          % (len(attached), sum(len(f) for f in attached.values()), verdicts.count('unproven'), len(verdicts),
             100 * verdicts.count('unproven') // len(verdicts), len(open_ones), verdicts.count('fail'), verdicts.count('pass')))
    causes = collections.Counter((f['rule'], cause(f)) for path in attached for f in assume.unproven(reports[path]))
    for (rule, words), n in sorted(causes.items(), key=lambda c: (-c[1], c[0])):
        print('#   %3d %s %s' % (n, rule, words))
    return attached


def by_hand():
    rows = []
    with open(os.path.join(HERE, 'corpora.txt'), encoding='utf-8') as f:
        for line in f:
            if line.strip() and not line.startswith('#'):
                path, function, letters, reason = [x.strip() for x in line.split('|')]
                rows.append((path, function, {r: LETTERS[x] for r, x in zip(RULES, letters)}, reason))
    return rows


def main():
    if not os.path.isdir(CORPORA):
        print('1..0 # SKIP the corpora are not there')
        return 0
    reports = templates()
    attached = share(reports)
    if '--share' in sys.argv:
        return 0
    number = failed = 0

    def say(ok, what, why=''):
        nonlocal number, failed
        number += 1
        failed += not ok
        print('%sok %d - %s' % ('' if ok else 'not ', number, what))
        if not ok:
            print('\n'.join('# ' + line for line in str(why).split('\n')))
    rows = by_hand()
    say(len({path for path, _, _, _ in rows}) >= 30, '%d templates were checked by hand' % len({r[0] for r in rows}))
    for path, function, wanted, reason in rows:
        got = attached.get(path, {}).get(function)
        differ = {r: (got or {}).get(r) for r in RULES if (got or {}).get(r) != wanted[r]}
        say(not differ, '%s: %s' % (path, function), 'got %s; %s' % (differ, reason))
    for path in sorted(attached):
        with open(os.path.join(CORPORA, path), encoding='utf-8') as f:
            text = f.read()
        first = len(assume.unproven(assume.audit(text, [], [])))
        _, left = assume.settle(path, changed(path, text), [])
        say(not left, '%s: what is asked for settles %d findings' % (path, first), '\n'.join(left))
    print('1..%d' % number)
    return bool(failed)


if __name__ == '__main__':
    sys.exit(main())
