"""The audit's reports, asked of others: the SARIF validator and its schema, Jenkins' schema of JUnit's XML.

The reports are those of tests/golden/formats.py, whose files and file names are made to break them, and of the policies' pages.
Wants TOOLS_REPORTS, TOOLS_XML and TOOLS_JUNIT_XSD, which get-tools brings, and SANDBOXGEN.
"""
import os
import shutil
import stat
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path[:0] = [os.path.join(HERE, 'lib'), os.path.join(HERE, '..', 'golden')]
import hostile_files  # noqa: E402
import tap  # noqa: E402

PROGRAM = os.path.abspath(os.environ.get('SANDBOXGEN', os.path.join(HERE, '..', '..', 'sandboxgen')))
VALIDATOR = os.path.join(os.environ['TOOLS_REPORTS'], 'node_modules', '@microsoft', 'sarif-multitool-linux')
PYTHON = os.path.join(os.environ['TOOLS_XML'], 'bin', 'python')
# What is not wanted of a program without a home page.
IGNORED = ('SARIF2005', )


def page_examples():
    found = {}
    policies = os.path.join(HERE, '..', '..', 'policies')
    for page in sorted(name for name in os.listdir(policies) if name.endswith('.md')):
        with open(os.path.join(policies, page), encoding='utf-8') as stream:
            parts = stream.read().split('\n## Fails\n')
        for n, text in enumerate(parts[1].split('```yaml\n')[1:] if len(parts) == 2 else []):
            found[f'{page}-{n}.yaml'] = text.split('```')[0]
    return found


def audit(folder, form, names, *options):
    done = subprocess.run([PROGRAM, 'audit', '--format', form, *options, '--', *names], cwd=folder, capture_output=True,
                          timeout=120, check=False)
    return done.stdout


def validated(folder, report):
    """What the validator says, without what is ignored."""
    path = os.path.join(folder, 'report.sarif')
    with open(path, 'wb') as stream:
        stream.write(report)
    program = os.path.join(VALIDATOR, 'Sarif.Multitool')
    os.chmod(program, os.stat(program).st_mode | stat.S_IXUSR)
    done = subprocess.run([program, 'validate', path, '--rule-kind', 'Sarif;Ghas'], capture_output=True, timeout=300, check=False,
                          env={**os.environ, 'DOTNET_SYSTEM_GLOBALIZATION_INVARIANT': '1'})
    lines = done.stdout.decode('utf-8', 'replace').splitlines()
    said = [line for line in lines if ': error ' in line or ': warning ' in line]
    return 'completed successfully' in '\n'.join(lines), [line for line in said if not any(i in line for i in IGNORED)]


SCHEMA = '''
import json, sys, jsonschema
schema = json.load(open(sys.argv[1], encoding='utf-8-sig'))
kind = jsonschema.validators.validator_for(schema)
for fault in kind(schema).iter_errors(json.load(open(sys.argv[2], encoding='utf-8'))):
    print(list(fault.absolute_path), fault.message[:200])
'''

XSD = '''
import sys, xmlschema
for fault in xmlschema.XMLSchema(sys.argv[1]).iter_errors(sys.argv[2]):
    print(fault.path, fault.reason)
'''


def faults(script, *args):
    done = subprocess.run([PYTHON, '-c', script, *args], capture_output=True, timeout=120, check=False)
    return done.stdout.decode() + done.stderr.decode()


def check(folder, title, names, *options):
    sarif = audit(folder, 'sarif', names, *options)
    done, said = validated(folder, sarif)
    tap.ok(done and not said, f'sarif-multitool has nothing to say of {title}', '\n'.join(said) or 'it did not end well')
    tap.same(faults(SCHEMA, os.path.join(VALIDATOR, 'sarif-2.1.0.json'), os.path.join(folder, 'report.sarif')), '',
             f'the schema of SARIF 2.1.0 holds of {title}')
    path = os.path.join(folder, 'report.xml')
    with open(path, 'wb') as stream:
        stream.write(audit(folder, 'junit', names, *options))
    tap.same(faults(XSD, os.environ['TOOLS_JUNIT_XSD'], path), '', f'junit-10.xsd holds of {title}')
    return sarif


def in_a_folder(files, function):
    folder = tempfile.mkdtemp()
    try:
        for name, text in files.items():
            with open(os.path.join(os.fsencode(folder), os.fsencode(name)), 'w', encoding='utf-8') as stream:
                stream.write(text)
        function(folder, [name for name in files if not name.endswith('.guard')])
    finally:
        shutil.rmtree(folder)


def hostile():
    def part(folder, names):
        sarif = check(folder, 'hostile names and texts', names, '--policies', 'own.guard')
        # each finds what is its own: the validator loads only what the schema allows
        tap.ok(validated(folder, sarif.replace(b'"ruleIndex": ', b'"ruleIndex": 99', 1))[1], 'sarif-multitool refuses a damaged report')
        with open(os.path.join(folder, 'report.sarif'), 'wb') as stream:
            stream.write(sarif.replace(b'"kind": "fail"', b'"kind": "maybe"', 1))
        tap.ok(faults(SCHEMA, os.path.join(VALIDATOR, 'sarif-2.1.0.json'), os.path.join(folder, 'report.sarif')), 'so does the schema')
    in_a_folder({'plain.yaml': hostile_files.TEMPLATE, hostile_files.HOSTILE: hostile_files.TEMPLATE,
                 hostile_files.COMMAND: 'Resources: [\x7f', 'own.guard': hostile_files.RULES}, part)


def pages():
    in_a_folder(page_examples(), lambda folder, names: check(folder, f'{len(names)} examples of the rules\' pages', names))


tap.main(hostile, pages)
