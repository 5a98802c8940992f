"""Runs `sandboxgen audit` on templates that say themselves what must be found, and on edits of templates.

A template's comments are its expectations:
    NatGatewayId: !Ref Nat  # opens: NET002 fail      a finding of this rule and status on this line
    # also: NET008 fail, NET009 unproven              findings wherever they are
    # args: --parameter-overrides Env=prod            further arguments
    # loose: why                                      more may be found
Nothing but what is named may be found; the exit code is 1 when anything is (0 when `# exit: 0` says that it does not
count), else 0.

An edit file (*.edits) changes a base text in one place each time: `== name`, then the lines to be replaced behind `-`
and the new ones behind `+`, both with the text's own indentation after one blank.  `base:` in its first line is a
template beside it, or `render` for what `sandboxgen render` makes of an empty specification.  `loose:` there: what is
found besides the expectations does not matter, but the exit code must not be 0.

Speaks TAP.  Uses $top_builddir/sandboxgen and the standard library alone.
"""
import json
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAM = os.path.join(os.environ.get('top_builddir', '.'), 'sandboxgen')
SEVERITIES = ['low', 'medium', 'high', 'critical']


class Case:
    def __init__(self, name, text, loose=False):
        self.name, self.text = name, text
        self.loose = loose or '\n# loose: ' in text
        self.broken = None  # why it cannot be run
        self.at, self.also, self.args, self.exit = [], [], [], None
        for number, line in enumerate(text.split('\n'), 1):
            for word, value in re.findall(r'# (opens|also|args|exit): ([^#]*)', line):
                self.expect(word, value.strip(), number)

    def expect(self, word, value, number):
        if word == 'args':
            self.args = value.split()
        elif word == 'exit':
            self.exit = int(value)
        else:
            for rule_status in value.split(','):
                rule, status = rule_status.split()
                if word == 'opens':
                    self.at.append((rule, status, number))
                else:
                    self.also.append((rule, status))

    def wrong(self, code, report):
        """What is not as expected, in words; None where all is."""
        found = report['findings']
        exact = {(f['rule'], f['status'], f['line']) for f in found}
        loose = {(f['rule'], f['status']) for f in found}
        missing = [e for e in self.at if e not in exact] + [e for e in self.also if e not in loose]
        wanted = {e[:2] for e in self.at} | set(self.also)
        extra = [] if self.loose else sorted(loose - wanted)
        if missing or extra:
            return 'missing %s, not expected %s' % (missing, extra)
        counts = any(SEVERITIES.index(f['severity']) >= 1 for f in found)
        want = self.exit if self.exit is not None else int(counts or self.loose)
        return None if code == want else 'exit code %d, expected %d' % (code, want)


def audit(text, args):
    with tempfile.TemporaryDirectory() as where:
        path = os.path.join(where, 'template.yaml')
        with open(path, 'w', encoding='utf-8') as f:
            f.write(text)
        run = subprocess.run([PROGRAM, 'audit', '--format', 'json', path] + args, capture_output=True, timeout=60)
    if run.returncode not in (0, 1):
        return run.returncode, None, run.stderr.decode('utf-8', 'replace')
    return run.returncode, json.loads(run.stdout), ''


def rendered():
    with tempfile.TemporaryDirectory() as where:
        spec = os.path.join(where, 'sandbox.yaml')
        with open(spec, 'w', encoding='utf-8') as f:
            f.write('{}\n')
        return subprocess.run([PROGRAM, 'render', '--stdout', spec], check=True, capture_output=True,
                              timeout=60).stdout.decode('utf-8')


def edits(path):
    """The cases of an edit file."""
    with open(path, encoding='utf-8') as f:
        head, *blocks = re.split(r'^== ', f.read(), flags=re.M)
    base_name = re.search(r'^base: (\S+)$', head, re.M).group(1)
    loose = bool(re.search(r'^loose:', head, re.M))
    base = rendered() if base_name == 'render' else read(os.path.join(os.path.dirname(path), base_name))
    yield Case(base_name + ' as it is', base)  # never loose: nothing may be found
    for block in blocks:
        name, *lines = block.split('\n')
        text, broken = base, None
        # a hunk is a run of '-' lines followed by a run of '+' lines
        for old, new in re.findall(r'((?:^-.*\n)+)((?:^\+.*\n)*)', '\n'.join(lines) + '\n', re.M):
            old = re.sub(r'^- ?', '', old, flags=re.M)
            new = re.sub(r'^\+ ?', '', new, flags=re.M)
            if text.count(old) != 1:
                broken = 'the text to replace is there %d times:\n%s' % (text.count(old), old)
            text = text.replace(old, new)
        notes = ''.join(line + '\n' for line in lines if line.startswith('# '))
        case = Case(name, text + notes, loose)
        case.broken = broken
        yield case


def read(path):
    with open(path, encoding='utf-8') as f:
        return f.read()


def cases(folders):
    for folder in folders:
        for name in sorted(os.listdir(os.path.join(HERE, folder))):
            path = os.path.join(HERE, folder, name)
            if name.endswith('.yaml'):
                yield Case(folder + '/' + name, read(path))
            elif name.endswith('.edits'):
                yield from edits(path)


def main():
    number = failed = 0
    for case in cases(sys.argv[1:] or ['probes', 'cases', 'rendered']):
        number += 1
        code, report, error = audit(case.text, case.args)
        wrong = case.broken or (case.wrong(code, report) if report else 'exit code %d: %s' % (code, error))
        print('%sok %d - %s' % ('not ' if wrong else '', number, case.name))
        if wrong:
            failed += 1
            print('\n'.join('# ' + line for line in wrong.split('\n')))
    print('1..%d' % number)
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
