"""Every CloudFormation type of the services that can touch a network, a role, a function or a log is in types.def.

types.txt has the names, taken from the schemas of cfn-lint 1.58.0.  Speaks TAP.
"""
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.environ.get('top_srcdir', os.path.join(HERE, '..', '..'))
CLASSES = {'MODELLED', 'INERT', 'UNKNOWN'}


def rows():
    with open(os.path.join(TOP, 'src/model/types.def'), encoding='utf-8') as f:
        return re.findall(r'^TYPE\("([^"]+)", (\w+), "[^"]*"\)$', f.read(), re.M)


def main():
    with open(os.path.join(HERE, 'types.txt'), encoding='utf-8') as f:
        names = f.read().split()
    table = rows()
    known = {name for name, _ in table}
    checks = [
        ('there are names to ask for', [] if len(names) > 200 else ['only %d' % len(names)]),
        ('each type has a row', [n for n in names if n not in known]),
        ('no type has two', sorted({n for n, _ in table if [m for m, _ in table].count(n) > 1})),
        ('each row has a class', [n for n, c in table if c not in CLASSES]),
        ('a row that is taken away is missed', [n for n in names if n in known - {n}]),
    ]
    failed = False
    for number, (what, wrong) in enumerate(checks, 1):
        failed = failed or bool(wrong)
        print('%sok %d - %s' % ('not ' if wrong else '', number, what))
        for name in wrong:
            print('# ' + name)
    print('1..%d' % len(checks))
    return failed


if __name__ == '__main__':
    sys.exit(main())
