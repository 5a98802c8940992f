#!/usr/bin/env python3
"""`sandboxgen audit` on cfn-lint's fixtures: no good one is called malformed, each bad one about reading and intrinsics is refused
at its line.

bad.tsv and good.tsv are what cfn-lint 1.58 says (expected.py makes them).  Where we say something else is a row of
disagreements.tsv, with a source; a row that no longer differs fails the test, too.  The fixtures are found at $SANDBOXGEN_CORPORA
or ../shared/corpora; where they are absent the test says so and skips.
"""
import collections
import json
import os
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "lib"))
import tap

TOP = HERE.parents[2]
PROGRAM = os.environ.get("SANDBOXGEN") or str(pathlib.Path(os.environ.get("top_builddir") or TOP) / "sandboxgen")
CORPORA = pathlib.Path(os.environ.get("SANDBOXGEN_CORPORA") or TOP.parent / "shared" / "corpora")
FIXTURES = (CORPORA / "cfn-lint/test/fixtures/templates").absolute()
ERROR = re.compile(r"(.+?):(\d+):\d+: error: (.*)")


def table(name):
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


def refusals(kind):
    """{file: {line: what is wrong there}}: errors, and failures of TPL005; and how many files were audited."""
    files = sorted(str(p.relative_to(FIXTURES)) for p in (FIXTURES / kind).rglob("*") if p.is_file())
    result = subprocess.run([PROGRAM, "audit", "--format", "json", "--", *files], cwd=FIXTURES, capture_output=True, text=True,
                            encoding="utf-8", check=False, timeout=600)
    found = collections.defaultdict(dict)
    for finding in json.loads(result.stdout)["findings"]:
        if finding["rule"] == "TPL005" and finding["status"] == "fail":
            found[finding["file"]][finding["line"]] = finding["message"]
    for match in filter(None, map(ERROR.fullmatch, result.stderr.splitlines())):
        found[match[1]][int(match[2])] = match[3]
    return found, len(files)


def explained():
    return {(file, line, rule): source for file, line, rule, source, _ in table("disagreements.tsv")}


def bad_fixtures():
    ours, count = refusals("bad")
    known = {key for key in explained() if key[0].startswith("bad/")}
    missing, total = set(), 0
    for file, rule, first, last, _ in table("bad.tsv"):
        total += 1
        if not any(int(first) <= line <= int(last) for line in ours[file]):
            missing.add((file, first, rule))
    tap.note(f"bad fixtures: {count} files, {total} findings about reading and intrinsics, {total - len(missing & known) - len(missing - known)} "
             f"refused at their line, {len(missing & known)} in disagreements.tsv")
    tap.ok(count and not missing - known, "what is bad is refused at its line, or is in the table", sorted(missing - known))
    tap.ok(not known - missing, "the table has nothing that agrees", sorted(known - missing))


def good_fixtures():
    ours, count = refusals("good")
    agreed = [(file, int(first), int(last)) for file, _, first, last, _ in table("good.tsv")]
    known = {key for key in explained() if key[0].startswith("good/")}
    wrong, shared = set(), 0
    for file, lines in ours.items():
        for line, message in lines.items():
            if any(file == other and first <= line <= last for other, first, last in agreed):
                shared += 1
            else:
                wrong.add((file, str(line), message))
    alone = {item for item in wrong if not any(item[:2] == key[:2] for key in known)}
    tap.note(f"good fixtures: {count} files, {len(wrong)} findings of ours alone; {shared} that cfn-lint itself has at the same line")
    tap.ok(count and not alone, "what is good is not called malformed", sorted(alone))


if FIXTURES.is_dir():
    tap.main(bad_fixtures, good_fixtures)
else:
    tap.main(lambda: tap.skip("the fixtures of cfn-lint", f"{FIXTURES} is not there"))
