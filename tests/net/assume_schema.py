"""src/net/assumptions.schema.json says what --assume takes: on files with each thing that can be said, and with each mistake, the
schema and the program agree.  Speaks TAP.
"""
import itertools
import json
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.environ.get('top_srcdir', os.path.join(HERE, '..', '..'))
PROGRAM = os.path.join(os.environ.get('top_builddir', '.'), 'sandboxgen')
TEMPLATE = '{"Resources": {"F": {"Type": "AWS::Lambda::Function", "Properties": {}}}}'
with open(os.path.join(TOP, 'src', 'net', 'assumptions.schema.json'), encoding='utf-8') as f:
    SCHEMA = json.load(f)
KNOWN = {'$schema', 'title', 'description', 'type', 'required', 'additionalProperties', 'properties', 'definitions', 'const',
         'items', 'pattern', 'minLength', 'minProperties', 'maxItems', 'oneOf', '$ref'}
TYPES = {'object': dict, 'array': list, 'string': str}


def fits(value, s):
    """The part of JSON Schema that the schema uses."""
    assert not set(s) - KNOWN, set(s) - KNOWN
    if '$ref' in s:
        return fits(value, SCHEMA['definitions'][s['$ref'].rsplit('/', 1)[1]])
    if 'oneOf' in s and sum(fits(value, o) for o in s['oneOf']) != 1:
        return False
    if 'type' in s and not isinstance(value, TYPES[s['type']]):
        return False
    if 'const' in s and value != s['const']:
        return False
    if isinstance(value, str):
        return len(value) >= s.get('minLength', 0) and ('pattern' not in s or bool(re.search(s['pattern'], value)))
    if isinstance(value, list):
        return len(value) <= s.get('maxItems', len(value)) and all(fits(v, s.get('items', {})) for v in value)
    if isinstance(value, dict):
        props = s.get('properties', {})
        return all(k in value for k in s.get('required', [])) and len(value) >= s.get('minProperties', 0) and \
            (s.get('additionalProperties', True) or not set(value) - set(props)) and \
            all(fits(v, props[k]) for k, v in value.items() if k in props)
    return True


def rows():
    """Kind, key and word of each thing that can be said, from the program's table."""
    with open(os.path.join(TOP, 'src', 'net', 'assume.c'), encoding='utf-8') as source:
        return re.findall(r'\{"(\w+)", "(\w+)", "(\w+)", NET_FACT_\w+\}', source.read())


def documents():
    table = rows()
    kinds = sorted({k for k, _, _ in table})
    yield 'nothing', {'Assumptions': []}
    for kind, key, word in table:
        item = {kind: 'x-1', key: word, 'Reason': 'r'}
        yield '%s %s' % (kind, key), {'Assumptions': [item]}
        yield '%s %s, another word' % (kind, key), {'Assumptions': [dict(item, **{key: 'some'})]}
        yield '%s %s, a list' % (kind, key), {'Assumptions': [dict(item, **{key: [word]})]}
        for other in kinds:
            if (other, key) not in {(k, n) for k, n, _ in table}:
                yield '%s of a %s' % (key, other), {'Assumptions': [{other: 'x-1', key: word, 'Reason': 'r'}]}
    for kind in kinds:
        own = {key: word for k, key, word in table if k == kind}
        whole = dict(own, Reason='r', **{kind: '*'})
        yield 'all of a ' + kind, {'Assumptions': [whole]}
        for missing in (kind, 'Reason'):
            yield '%s without %s' % (kind, missing), {'Assumptions': [{k: v for k, v in whole.items() if k != missing}]}
        yield kind + ' and nothing said', {'Assumptions': [{kind: 'x', 'Reason': 'r'}]}
        yield kind + ' with an empty name', {'Assumptions': [dict(whole, **{kind: ''})]}
        yield kind + ' with a blank reason', {'Assumptions': [dict(whole, Reason=' ')]}
        yield kind + ' with a list of names', {'Assumptions': [dict(whole, **{kind: ['a']})]}
        yield kind + ' with an unknown key', {'Assumptions': [dict(whole, Colour='red')]}
    for a, b in itertools.combinations(kinds, 2):
        yield 'a %s and a %s' % (a, b), {'Assumptions': [{a: 'x', b: 'y', 'Reason': 'r'}]}
    good = {'Subnet': 's', 'Routes': 'none', 'Reason': 'r'}
    for name, document in [('a list', [good]), ('another section', {'Assumptions': [good], 'More': 1}), ('a text', 'x'),
                           ('an item that is a text', {'Assumptions': ['x']}), ('too many', {'Assumptions': [good] * 1001}),
                           ('many', {'Assumptions': [good] * 1000}), ('an object', {'Assumptions': good}), ('empty', {})]:
        yield name, document


def taken(where, document):
    path = os.path.join(where, 'assume.json')
    with open(path, 'w', encoding='utf-8') as out:
        json.dump(document, out)
    run = subprocess.run([PROGRAM, 'audit', '--assume', path, os.path.join(where, 'template.json')], capture_output=True,
                         timeout=60)
    assert run.returncode in (0, 1, 2), run
    return run.returncode != 2


def main():
    number = failed = 0
    with tempfile.TemporaryDirectory() as where:
        with open(os.path.join(where, 'template.json'), 'w', encoding='utf-8') as out:
            out.write(TEMPLATE)
        for name, document in documents():
            want, got = fits(document, SCHEMA), taken(where, document)
            number += 1
            failed += want != got
            print('%sok %d - %s: %s' % ('' if want == got else 'not ', number, name, 'taken' if want else 'refused'))
    print('1..%d' % number)
    return bool(failed) or number < 100


if __name__ == '__main__':
    sys.exit(main())
