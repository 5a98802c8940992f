"""Random networks: sandboxgen's verdicts beside those of a simulator that walks packets (simulator.py).

    oracle.py [--count N] [--seed S] [--translated]

NET008 must fail exactly when some packet gets out, NET009 exactly when a machine is reached; neither may be unproven.
--translated gives the simulator what AWS's SAM translator makes of the template (aws-sam-translator must be importable).
Speaks TAP.
"""
import argparse
import json
import logging
import os
import random
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import networks  # noqa: E402
import simulator  # noqa: E402

PROGRAM = os.path.join(os.environ.get('top_builddir', '.'), 'sandboxgen')
BATCH = 100


def translate(template):
    logging.disable(logging.CRITICAL)  # it warns of metrics that it did not send
    sys.path.insert(0, os.path.join(HERE, '..', 'conformance', 'drivers'))
    import translate as driver
    return driver.transform(json.loads(json.dumps(template)), {}, driver.NoManagedPolicies())


def verdicts(paths):
    """path → rule → verdict"""
    run = subprocess.run([PROGRAM, 'audit', '--format', 'json'] + paths, capture_output=True, timeout=600)
    if run.returncode not in (0, 1):
        raise SystemExit('exit code %d: %s' % (run.returncode, run.stderr.decode('utf-8', 'replace')[:2000]))
    found = {}
    for j in json.loads(run.stdout)['judged']:
        if j['resource'] == 'Runner':
            found.setdefault(j['file'], {})[j['rule']] = j['verdict']
    return found


def compare(template, found, translated):
    return differences(simulator.judge(translate(template) if translated else template), found)


def differences(judged, found):
    out, reached = judged
    want = {'NET008': 'fail' if out else 'pass', 'NET009': 'fail' if reached else 'pass'}
    return ['%s is %s, the simulator says %s' % (rule, found.get(rule), verdict)
            for rule, verdict in want.items() if found.get(rule) != verdict], want


def main():
    options = argparse.ArgumentParser()
    options.add_argument('--count', type=int, default=int(os.environ.get('NETWORKS', 500)))
    options.add_argument('--seed', type=int, default=int(os.environ.get('SEED', 1)))
    options.add_argument('--translated', action='store_true')
    options.add_argument('--keep')
    o = options.parse_args()
    seen = {}
    wrong = 0
    with tempfile.TemporaryDirectory() as where:
        for start in range(0, o.count, BATCH):
            templates = {}
            for n in range(start, min(start + BATCH, o.count)):
                path = os.path.join(where, '%d.json' % n)
                templates[path] = networks.make(random.Random('%d/%d' % (o.seed, n)))
                with open(path, 'w', encoding='utf-8') as f:
                    json.dump(templates[path], f)
            found = verdicts(list(templates))
            for path, template in templates.items():
                bad, want = compare(template, found.get(path, {}), o.translated)
                seen[tuple(want.values())] = seen.get(tuple(want.values()), 0) + 1
                for line in bad:
                    wrong += 1
                    print('# seed %d network %s: %s' % (o.seed, os.path.basename(path), line))
                    if o.keep:
                        os.makedirs(o.keep, exist_ok=True)
                        with open(os.path.join(o.keep, os.path.basename(path)), 'w', encoding='utf-8') as f:
                            json.dump(template, f, indent=1)
                os.unlink(path)
    print('# ' + ', '.join('NET008 %s and NET009 %s: %d' % (k + (v,)) for k, v in sorted(seen.items())))
    print('%sok 1 - %d networks: fail exactly where a packet gets out, none unproven' % ('not ' if wrong else '', o.count))
    print('%sok 2 - both verdicts of both rules occur' % ('' if len(seen) == 4 else 'not '))
    print('1..2')
    return bool(wrong) or len(seen) != 4


if __name__ == '__main__':
    sys.exit(main())
