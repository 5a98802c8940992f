#!/usr/bin/env python3
"""Our verdicts beside cfn-guard 3.2.1's, rule by rule: what it said was recorded once (the corpora's guard/golden).

The corpora are found at $SANDBOXGEN_CORPORA or ../shared/corpora; where they are absent the test says so and skips.
What may differ is listed here and, with the reason, in policies/DEVIATIONS.md.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "lib"))
import tap

TOP = HERE.parents[2]
BUILD = pathlib.Path(os.environ.get("top_builddir") or TOP)
PROGRAM = BUILD / "tests" / "conformance" / "guard" / "verdicts"
SANDBOXGEN = BUILD / "sandboxgen"
CORPORA = pathlib.Path(os.environ.get("SANDBOXGEN_CORPORA") or TOP.parent / "shared" / "corpora")
GUARD = CORPORA / "guard"
ERROR = "ERROR"


def verdicts(pairs):
    """[(rules, data)] to [answer], all in one process."""
    text = "".join(f"{rules}\t{data}\n" for rules, data in pairs)
    result = subprocess.run([str(PROGRAM)], input=text, capture_output=True, text=True, encoding="utf-8", check=False)
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    if result.returncode or len(answers) != len(pairs):
        raise RuntimeError(f"verdicts exited with {result.returncode} after {len(answers)}: {result.stderr[-2000:]}")
    return answers


def golden(name):
    return json.loads((GUARD / "golden" / name).read_text(encoding="utf-8"))


def excused(probe, answer):
    """The deviation that explains a difference, or None."""
    refused = not probe["result"].endswith(("rc=0", "rc=19"))
    if refused and "status" in answer and "*" in probe["data"]:
        return "a document with an alias is read"
    if refused and "status" in answer and "on:" in probe["data"]:
        return "a document with a key that only YAML 1.1 reads as a Boolean is read"
    return None


def check_probes(folder):
    probes, pairs = golden("probes.json"), []
    for i, probe in enumerate(probes):
        rules, data = folder / f"{i}.guard", folder / f"{i}.yaml"
        rules.write_text(probe["rule"], encoding="utf-8")
        data.write_text(probe["data"], encoding="utf-8")
        pairs.append((rules, data))
    wrong, excuses = [], {}
    for i, (probe, answer) in enumerate(zip(probes, verdicts(pairs))):
        status, rc = probe["result"].split()[:2]
        expected = status if rc in ("rc=0", "rc=19") else ERROR
        if answer.get("status", ERROR) == expected:
            continue
        why = excused(probe, answer)
        if why:
            excuses.setdefault(why, []).append(i)
        else:
            wrong.append(f"{i}: {probe['rule']}\n   expected {expected}, got {answer}")
    for why, which in sorted(excuses.items()):
        tap.note(f"{len(which)} of {len(probes)} differ as written: {why}")
    tap.ok(not wrong, f"{len(probes)} probes have 3.2.1's verdict, or an excuse", "\n".join(wrong))
    number = sum(map(len, excuses.values()))
    tap.ok(number <= 0.02 * len(probes), f"at most 2 of 100 differ: {number} of {len(probes)}")


def check_registry(kind):
    expected = golden(f"validate-registry-{kind}.json")
    rules = sorted((GUARD / "registry" / "rules").rglob("*.guard"))
    pairs = [(r, GUARD / "templates" / kind / name) for name in expected for r in rules]
    answers = iter(verdicts(pairs))
    compared, wrong = 0, []
    for name, whole in expected.items():
        got = {}
        for rule in rules:
            answer = next(answers)
            got.update(answer.get("rules", {str(rule): answer}))
        compared += len(whole["rules"])
        wrong += [f"{name}: {r} is {s}, got {got.get(r)}" for r, s in whole["rules"].items() if got.get(r) != s]
    tap.ok(len(rules) == 209 and not wrong, f"the registry over {len(expected)} {kind} templates: {compared} verdicts",
           "\n".join(wrong))


def check_cross():
    expected = golden("validate-guardrepo-cross.json")
    pairs = [tuple(GUARD / part for part in key.split(" @ ")) for key in expected]
    wrong = []
    for (key, want), answer in zip(expected.items(), verdicts(pairs)):
        rules = {name.split("/")[-1]: status for name, status in want.get("rules", {}).items()}
        if "error" in want or want["rc"] not in (0, 19):
            rules = None
        if answer.get("rules") != rules:
            wrong.append(f"{key}: expected {rules}, got {answer}")
    tap.ok(not wrong, f"cfn-guard's own rules over its own data: {len(expected)} runs", "\n".join(wrong))


def check_registries():
    check_registry("sam")
    check_registry("cfn")


def check_all_probes():
    with tempfile.TemporaryDirectory() as folder:
        check_probes(pathlib.Path(folder))


def check_unit_tests():
    """Files and folders of rules with tests that pass under cfn-guard 3.2.1."""
    for what in ("registry/rules", "guard-examples"):
        done = subprocess.run([str(SANDBOXGEN), "test", str(GUARD / what)], capture_output=True, text=True, check=False)
        last = (done.stdout.splitlines() or [""])[-1]
        tap.ok(done.returncode == 0 and last.endswith(": all met"), f"unit tests of {what}: {last}",
               done.stdout[-3000:] + done.stderr[-2000:])


def absent():
    tap.skip("cfn-guard's verdicts", "the corpora are not at hand")


if __name__ == "__main__":
    if (GUARD / "golden").is_dir():
        tap.main(check_all_probes, check_registries, check_cross, check_unit_tests)
    else:
        tap.main(absent)
