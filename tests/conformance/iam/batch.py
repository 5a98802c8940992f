"""What the tests of the prover share: `judge`, asked in bulk, and the policies of the corpora."""
import json
import os
import pathlib
import subprocess

import bench

TOP = pathlib.Path(__file__).resolve().parents[3]
BUILD = pathlib.Path(os.environ.get("top_builddir") or pathlib.Path(os.environ.get("SANDBOXGEN", TOP / "x")).parent)
JUDGE = BUILD / "tests" / "conformance" / "iam" / "judge"
CORPORA = pathlib.Path(os.environ.get("SANDBOXGEN_CORPORA") or TOP.parent / "shared" / "corpora") / "iam"


def ask(questions, timeout=1200):
    """[question] to [answer], all in one process."""
    questions = list(questions)
    text = "".join(json.dumps(q) + "\n" for q in questions)
    result = subprocess.run([str(JUDGE)], input=text, capture_output=True, text=True, encoding="utf-8", check=False,
                            timeout=timeout)
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    if result.returncode or len(answers) != len(questions):
        raise RuntimeError(f"judge exited with {result.returncode} after {len(answers)}: {result.stderr[-2000:]}")
    return answers


def documents():
    """The policies of the corpora, [(name, document)] by name; none where they are not at hand."""
    if not CORPORA.is_dir():
        return []
    paths = sorted(path for path in CORPORA.rglob("*.json"))
    return [(str(path.relative_to(CORPORA)), json.loads(path.read_text(encoding="utf-8"))) for path in paths]


def managed():
    """AWS's own managed policies, the same way, as moto ships them."""
    result = bench.driver("EMULATORS", "managed_policies.py")
    if result.status != 0:
        raise RuntimeError(str(result)[:2000])
    return [("aws/" + name, document) for name, document in result.json()]


def statements(document):
    s = document["Statement"]
    return s if isinstance(s, list) else [s]
