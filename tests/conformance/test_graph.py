"""The pictures in a real browser: mermaid (from npm) draws every label, and the SVG has no text outside of its box.

Wants Debian's chromium and npm; says so and skips where they are not there.  Speaks TAP.
"""
import html
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(HERE, '..', 'net'))
import matrix  # noqa: E402
import graph  # noqa: E402

MERMAID = '11.12.0'
BROWSER = shutil.which('chromium') or shutil.which('chromium-browser')


def npm():
    """Where mermaid is, fetched once."""
    cache = os.environ.get('SANDBOXGEN_CACHE', os.path.join(HERE, '..', '..', '.cache'))
    where = os.path.join(os.path.abspath(cache), 'mermaid-' + MERMAID)
    script = os.path.join(where, 'node_modules', 'mermaid', 'dist', 'mermaid.min.js')
    if not os.path.exists(script):
        subprocess.run(['npm', 'install', '--silent', '--prefix', where, 'mermaid@' + MERMAID], check=True, timeout=600)
    return script


def page(browser, path):
    run = subprocess.run([browser, '--headless', '--no-sandbox', '--disable-gpu', '--virtual-time-budget=20000',
                          '--allow-file-access-from-files', '--dump-dom', 'file://' + path], capture_output=True, timeout=180)
    return run.stdout.decode('utf-8', 'replace')


SHOW = '''<!doctype html><meta charset="utf-8"><pre class="mermaid">%s</pre><script src="mermaid.js"></script>
<script>mermaid.initialize({startOnLoad: false, maxTextSize: 900000});
mermaid.run().then(() => document.body.setAttribute('data-done', 'yes'), e => document.body.setAttribute('data-done', e));
</script>'''

MEASURE = '''<!doctype html><meta charset="utf-8">%s<script>
const boxes = [...document.querySelectorAll('svg rect:not(.ground)')].map(r => r.getBoundingClientRect());
const out = [...document.querySelectorAll('svg text:not(.title)')].filter(t => {
  const a = t.getBoundingClientRect();
  return !boxes.some(b => a.left >= b.left && a.right <= b.right && a.top >= b.top - 1 && a.bottom <= b.bottom + 1);
});
document.body.setAttribute('data-outside', out.map(t => t.textContent).join(' | ') || 'none');
</script>'''


def attribute(dom, name):
    found = re.search(r'%s="([^"]*)"' % name, dom)
    return html.unescape(found.group(1)) if found else 'nothing'


def main():
    if not BROWSER or not shutil.which('npm'):
        print('1..0 # SKIP chromium or npm is not there')
        return 0
    cells = [(e, w) for e in matrix.EXITS for w in (matrix.conditional,) if e.name in
             ('internet gateway', 'transit gateway, other VPC', 'interface endpoint', 'database')]
    number = failed = 0
    with tempfile.TemporaryDirectory() as where:
        shutil.copy(npm(), os.path.join(where, 'mermaid.js'))
        template, shown = os.path.join(where, 'template.json'), os.path.join(where, 'page.html')
        for e, way in cells:
            with open(template, 'w', encoding='utf-8') as f:
                json.dump(matrix.cell(e, way, False), f, indent=1)
            report = json.loads(graph.run('audit', '--format', 'json', template).stdout)
            hops = [s['message'] for x in report['findings'] if x['rule'] in ('NET008', 'NET009') for s in x['witness']]
            picture = graph.run('graph', template).stdout.decode('utf-8')
            with open(shown, 'w', encoding='utf-8') as f:
                f.write(SHOW % html.escape(picture))
            dom = page(BROWSER, shown)
            words = graph.plain(re.sub(r'<[^>]*>', '', re.sub(r'<(style|script).*?</\1>', '', dom, flags=re.S)))
            missing = [h for h in hops if graph.plain(h) not in words]
            svg = graph.run('graph', '-f', 'svg', template).stdout.decode('utf-8')
            with open(shown, 'w', encoding='utf-8') as f:
                f.write(MEASURE % svg)
            outside = attribute(page(BROWSER, shown), 'data-outside')
            for what, wrong in [('mermaid draws it', attribute(dom, 'data-done') != 'yes' and attribute(dom, 'data-done')),
                                ('mermaid has each hop', missing or not hops),
                                ('no text of the SVG is outside of its box', outside != 'none' and outside)]:
                number += 1
                failed += bool(wrong)
                print('%sok %d - %s: %s' % ('not ' if wrong else '', number, e.name, what))
                if wrong:
                    print('# %s' % (wrong,))
    print('1..%d' % number)
    return bool(failed)


if __name__ == '__main__':
    sys.exit(main())
