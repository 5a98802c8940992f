"""`sandboxgen graph` on opened and closed sandboxes: every hop has its label in every format, the SVG is well-formed and no
box lies on another, the same template gives the same bytes wherever it lies.  Speaks TAP.
"""
import html
import json
import os
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as tree

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, HERE)
import matrix  # noqa: E402

PROGRAM = os.path.abspath(matrix.PROGRAM)
SVG = '{http://www.w3.org/2000/svg}'


def run(*args, cwd=None):
    return subprocess.run([PROGRAM] + list(args), capture_output=True, cwd=cwd, timeout=60)


def plain(text):
    """What a reader sees: letters and digits alone, so that wrapping and escapes do not matter."""
    text = re.sub(r'#(\d+);', lambda m: chr(int(m.group(1))), text)
    return re.sub(r'[^A-Za-z0-9]', '', html.unescape(text))


def words_of(picture, kind):
    if kind == 'svg':
        return ''.join(plain(e.text or '') for e in tree.fromstring(picture).iter(SVG + 'text'))
    return plain(picture.replace('<br/>', ' ').replace('\\n', ' ').replace('\\"', '"'))


def overlaps(svg):
    boxes = [tuple(int(e.get(k)) for k in ('x', 'y', 'width', 'height')) for e in tree.fromstring(svg).iter(SVG + 'rect')
             if e.get('class') != 'ground']
    wide = [t for t in tree.fromstring(svg).iter(SVG + 'text') if len(t.text or '') > 40]
    return wide or [(a, b) for i, a in enumerate(boxes) for b in boxes[i + 1:]
                    if a[0] < b[0] + b[2] and b[0] < a[0] + a[2] and a[1] < b[1] + b[3] and b[1] < a[1] + a[3]]


def wrong_with(path, kind, opened):
    picture = run('graph', '--format', kind, path)
    if picture.returncode or not picture.stdout.endswith(b'\n'):
        return 'exit code %d: %s' % (picture.returncode, picture.stderr)
    text = picture.stdout.decode('utf-8')
    elsewhere = run('graph', '-f', kind, os.path.basename(path), cwd=os.path.dirname(path))
    if elsewhere.stdout != picture.stdout:
        return 'other bytes from elsewhere'
    if kind == 'svg' and overlaps(text):
        return 'boxes overlap: %s' % overlaps(text)[:1]
    words = words_of(text, kind)
    report = json.loads(run('audit', '--format', 'json', path).stdout)
    paths = [f for f in report['findings'] if f['rule'] in ('NET008', 'NET009', 'NET001') and f['status'] == 'fail']
    hops = [s['message'] for f in paths for s in f['witness']]
    missing = [h for h in hops if plain(h) not in words]
    if missing:
        return 'no label %r' % missing[0]
    if bool(paths) != opened:
        return 'opened: %s, paths: %d' % (opened, len(paths))
    return None


def main():
    number = failed = 0
    names = ['internet gateway', 'NAT gateway', 'transit gateway, other VPC', 'egress-only gateway', 'database',
             'interface endpoint', 'peer VPC']
    with tempfile.TemporaryDirectory() as where:
        for e in matrix.EXITS:
            if e.name not in names:
                continue
            for closed in (False, True):
                path = os.path.join(where, 'template.json')
                with open(path, 'w', encoding='utf-8') as f:
                    json.dump(matrix.cell(e, matrix.conditional, closed), f, indent=1)
                for kind in ('mermaid', 'dot', 'svg'):
                    wrong = wrong_with(path, kind, not closed)
                    number += 1
                    failed += bool(wrong)
                    print('%sok %d - %s, %s, %s' % ('not ' if wrong else '', number, e.name,
                                                    'closed' if closed else 'open', kind))
                    if wrong:
                        print('# ' + wrong)
    print('1..%d' % number)
    return bool(failed)


if __name__ == '__main__':
    sys.exit(main())
