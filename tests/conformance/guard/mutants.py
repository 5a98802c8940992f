#!/usr/bin/env python3
"""Mutants of policies/*.guard: each clause dropped, each operator turned round, each `some` and each alternative of a regular
expression taken away.  The unit tests beside them must notice 95 of 100."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "lib"))
import tap

TOP = HERE.parents[2]
PROGRAM = str(pathlib.Path(os.environ.get("top_builddir") or TOP) / "sandboxgen")
TURNED = [(" == ", " != "), (" != ", " == "), (" !exists", " exists"), (" exists", " !exists"), (" empty", " !empty"),
          (" !empty", " empty"), ("some ", ""), (" or ", "\n  "), (" and ", "\n  ")]


def mutants(text):
    """(what was changed, the mutant)"""
    lines = text.split("\n")
    for i, line in enumerate(lines):
        code = line.split(" <<")[0]
        if not code.strip() or code.strip().startswith("#"):
            continue
        before, after = lines[:i], lines[i + 1:]
        if " <<" in line:
            yield f"{i + 1}: dropped", "\n".join(before + ["  jobs exists"] + after)
        for old, new in TURNED:
            for at in (m.start() for m in re.finditer(re.escape(old), code)):
                if old in (" exists", " empty") and code[at + 1:at + 2] == "!":
                    continue
                changed = code[:at] + new + code[at + len(old):] + line[len(code):]
                yield f"{i + 1}: {old!r} is {new!r}", "\n".join(before + [changed] + after)
        for group in re.finditer(r"\(([^()?]*\|[^()]*)\)", code):
            words = group.group(1).split("|")
            for k in range(len(words)):
                rest = "|".join(words[:k] + words[k + 1:])
                changed = code[:group.start(1)] + rest + code[group.end(1):] + line[len(code):]
                yield f"{i + 1}: without {words[k]!r}", "\n".join(before + [changed] + after)


def killed(rules, tests, text):
    rules.write_text(text, encoding="utf-8")
    return subprocess.run([PROGRAM, "test", str(rules), str(tests)], capture_output=True, check=False).returncode != 0


def check(path):
    text = path.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        rules, tests = pathlib.Path(folder, path.name), pathlib.Path(folder, "tests.yaml")
        shutil.copy(path.with_name(path.stem + "_tests.yaml"), tests)
        tap.ok(not killed(rules, tests, text), f"{path.name}: its tests pass")
        all_of = list(mutants(text))
        alive = [what for what, mutant in all_of if not killed(rules, tests, mutant)]
    rate = 1 - len(alive) / len(all_of)
    tap.ok(rate >= 0.95, f"{path.name}: {rate:.1%} of {len(all_of)} mutants are noticed", "\n".join(alive))
    for what in alive:
        tap.note(f"alive: {what}")


def all_rules():
    for path in sorted(p for p in (TOP / "policies").glob("*.guard") if p.with_name(p.stem + "_tests.yaml").exists()):
        check(path)


tap.main(all_rules)
