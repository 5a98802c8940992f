"""The pictures in a real browser: mermaid (from npm) draws every label; a screenshot of the SVG, on a light page and on a dark
one, shows each label in its box, apart from every other, in ink that stands out from its ground.

Wants Debian's chromium and npm; says so and skips where they are not there.  Speaks TAP.
"""
import html
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import zlib

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


SCHEMES = {'dark': 0, 'light': 1}  # Blink's numbers of preferredColorScheme
CONTRAST = 4.5                     # WCAG 2.2, 1.4.3


def chromium(path, *arguments, scheme='light'):
    run = subprocess.run([BROWSER, '--headless', '--no-sandbox', '--disable-gpu', '--virtual-time-budget=20000',
                          '--hide-scrollbars', '--force-device-scale-factor=1', '--font-render-hinting=none',
                          '--blink-settings=preferredColorScheme=%d' % SCHEMES[scheme], '--allow-file-access-from-files',
                          *arguments, 'file://' + path], capture_output=True, timeout=180)
    return run.stdout.decode('utf-8', 'replace')


def page(path, scheme='light'):
    return chromium(path, '--dump-dom', scheme=scheme)


# ---------------------------------------------------------------------------------------------- pixels

def png(path):
    """Rows of (red, green, blue) of a PNG as Chromium writes it: eight bits, no interlacing."""
    with open(path, 'rb') as f:
        data = f.read()
    at, packed = 8, b''
    while at < len(data):
        size, kind = struct.unpack('>I4s', data[at:at + 8])
        body = data[at + 8:at + 8 + size]
        if kind == b'IHDR':
            width, height, depth, colour = struct.unpack('>IIBB', body[:10])
            assert depth == 8 and colour in (2, 6)
        packed += body if kind == b'IDAT' else b''
        at += size + 12
    n = 3 if colour == 2 else 4
    raw, above, rows = zlib.decompress(packed), bytearray(width * n), []
    for y in range(height):
        line = bytearray(raw[y * (width * n + 1) + 1:(y + 1) * (width * n + 1)])
        unfilter(raw[y * (width * n + 1)], line, above, n)
        rows.append([tuple(line[x:x + 3]) for x in range(0, width * n, n)])
        above = line
    return rows


def unfilter(kind, line, above, n):
    """https://www.w3.org/TR/png-3/#9Filters"""
    for x in range(len(line) if kind else 0):
        left, up = (line[x - n] if x >= n else 0), above[x]
        corner = above[x - n] if x >= n else 0
        paeth = min((abs(up - corner), 0, left), (abs(left - corner), 1, up),
                    (abs(left + up - 2 * corner), 2, corner))[2]
        line[x] = (line[x] + (0, left, up, (left + up) // 2, paeth)[kind]) & 255


def luminance(colour):
    parts = [c / 255 / 12.92 if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in colour]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(colours):
    """Between the lightest and the darkest."""
    lights = [luminance(c) for c in colours]
    return (max(lights) + 0.05) / (min(lights) + 0.05)


def shown_badly(rows, labels):
    """The labels whose pixels have no ink that stands out, or little of it."""
    bad = []
    for label in labels:
        x, y, right, bottom = (int(label[k]) for k in ('x', 'y', 'right', 'bottom'))
        pixels = [c for row in rows[y:bottom + 1] for c in row[x:right + 1]]
        ground = max(set(pixels), key=pixels.count) if pixels else None
        inked = [c for c in pixels if contrast([c, ground]) >= CONTRAST]
        if len(inked) < 2 * len(label['text'].replace(' ', '')):
            bad.append('%r: %d pixels of ink on %s' % (label['text'], len(inked), ground))
    return bad


SHOW = '''<!doctype html><meta charset="utf-8"><pre class="mermaid">%s</pre><script src="mermaid.js"></script>
<script>mermaid.initialize({startOnLoad: false, maxTextSize: 900000});
mermaid.run().then(() => document.body.setAttribute('data-done', 'yes'), e => document.body.setAttribute('data-done', e));
</script>'''

MEASURE = '''<!doctype html><meta charset="utf-8"><style>body{margin:0}</style>%s<script>
const boxes = [...document.querySelectorAll('svg rect:not(.ground)')].map(r => r.getBoundingClientRect());
const texts = [...document.querySelectorAll('svg text')];
const out = texts.filter(t => !t.classList.contains('title')).filter(t => {
  const a = t.getBoundingClientRect();
  return !boxes.some(b => a.left >= b.left && a.right <= b.right && a.top >= b.top - 1 && a.bottom <= b.bottom + 1);
});
const meet = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
const pairs = (all) => all.flatMap((a, i) => all.slice(i + 1).filter(b => meet(a, b)).map(b => [a, b]));
document.body.setAttribute('data-outside', out.map(t => t.textContent).join(' | ') || 'none');
document.body.setAttribute('data-boxes', pairs(boxes).length);
const over = pairs(texts.map(t => { const r = t.getBoundingClientRect(); r.text = t.textContent; return r; }))
  .filter(([a, b]) => Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 4);
document.body.setAttribute('data-texts', over.map(([a, b]) => a.text + ' / ' + b.text).join(' | ') || 'none');
document.body.setAttribute('data-dark', matchMedia('(prefers-color-scheme: dark)').matches);
const size = document.querySelector('svg').getBoundingClientRect();
document.body.setAttribute('data-size', Math.ceil(size.right) + ',' + Math.ceil(size.bottom));
document.body.setAttribute('data-labels', JSON.stringify(texts.map(t => { const r = t.getBoundingClientRect();
  return {text: t.textContent, x: r.left, y: r.top, right: r.right, bottom: r.bottom}; })));
</script>'''


def attribute(dom, name):
    found = re.search(r'%s="([^"]*)"' % name, dom)
    return html.unescape(found.group(1)) if found else 'nothing'


def mermaid(where, template, hops):
    """(what, what is wrong) of the picture that mermaid makes."""
    shown = os.path.join(where, 'page.html')
    picture = graph.run('graph', template).stdout.decode('utf-8')
    with open(shown, 'w', encoding='utf-8') as f:
        f.write(SHOW % html.escape(picture))
    dom = page(shown)
    words = graph.plain(re.sub(r'<[^>]*>', '', re.sub(r'<(style|script).*?</\1>', '', dom, flags=re.S)))
    missing = [h for h in hops if graph.plain(h) not in words]
    yield 'mermaid draws it', attribute(dom, 'data-done') != 'yes' and attribute(dom, 'data-done')
    yield 'mermaid has each hop', missing or not hops


def screenshot(where, template, hops):
    """The same of the SVG's screenshots."""
    shown, shot = os.path.join(where, 'page.html'), os.path.join(where, 'shot.png')
    svg = graph.run('graph', '-f', 'svg', template).stdout.decode('utf-8')
    with open(shown, 'w', encoding='utf-8') as f:
        f.write(MEASURE % svg)
    for scheme in sorted(SCHEMES):
        dom = page(shown, scheme)
        labels = json.loads(attribute(dom, 'data-labels'))
        words = graph.plain(' '.join(label['text'] for label in labels))
        chromium(shown, '--screenshot=' + shot, '--window-size=' + attribute(dom, 'data-size'), scheme=scheme)
        yield scheme + ': the page is what was asked for', attribute(dom, 'data-dark') != str(scheme == 'dark').lower()
        yield scheme + ': each hop has its label', [h for h in hops if graph.plain(h) not in words]
        yield scheme + ': no text is outside of its box', attribute(dom, 'data-outside') != 'none' and attribute(dom, 'data-outside')
        yield scheme + ': no box lies on another', attribute(dom, 'data-boxes') != '0'
        yield scheme + ': no text lies on another', attribute(dom, 'data-texts') != 'none' and attribute(dom, 'data-texts')
        yield scheme + ': every label of the screenshot is legible', shown_badly(png(shot), labels)


def noticed(where, template):
    """That the pixels are looked at: ink that is like its ground."""
    shown, shot = os.path.join(where, 'page.html'), os.path.join(where, 'shot.png')
    svg = graph.run('graph', '-f', 'svg', template).stdout.decode('utf-8').replace('fill:#1f2328', 'fill:#e0d8d8')
    with open(shown, 'w', encoding='utf-8') as f:
        f.write(MEASURE % svg)
    dom = page(shown)
    chromium(shown, '--screenshot=' + shot, '--window-size=' + attribute(dom, 'data-size'))
    labels = json.loads(attribute(dom, 'data-labels'))
    yield 'faint ink is noticed', len(shown_badly(png(shot), labels)) < len(labels) // 2


def main():
    if not BROWSER or not shutil.which('npm'):
        print('1..0 # SKIP chromium or npm is not there')
        return 0
    names = ('internet gateway', 'transit gateway, other VPC', 'interface endpoint', 'database')
    number = failed = 0
    with tempfile.TemporaryDirectory() as where:
        shutil.copy(npm(), os.path.join(where, 'mermaid.js'))
        template = os.path.join(where, 'template.json')
        for e in (e for e in matrix.EXITS if e.name in names):
            with open(template, 'w', encoding='utf-8') as f:
                json.dump(matrix.cell(e, matrix.conditional, False), f, indent=1)
            report = json.loads(graph.run('audit', '--format', 'json', template).stdout)
            hops = [s['message'] for x in report['findings'] if x['rule'] in ('NET008', 'NET009') for s in x['witness']]
            checks = [*mermaid(where, template, hops)]
            if e.name in names[:2]:
                checks += [*screenshot(where, template, hops), *noticed(where, template)]
            for what, wrong in checks:
                number += 1
                failed += bool(wrong)
                print('%sok %d - %s: %s' % ('not ' if wrong else '', number, e.name, what))
                if wrong:
                    print('# %s' % (wrong,))
    print('1..%d' % number)
    return bool(failed)


if __name__ == '__main__':
    sys.exit(main())
