#!/usr/bin/env python3
"""Mutants of policies/*.guard: each clause, alternative and condition dropped, each operator turned round, each bound moved by
one, each `some`, each element of a list and each alternative of a regular expression taken away.  The unit tests beside
them must notice 95 of 100; a mutant that is no rule file any more counts for nothing.  Of packs the unit tests are run
here, their mutants with --packs (minutes).  A mutant is put before the tests of the rule that it changes, and of those
that name this one: no other can notice it."""
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "lib"))
import tap

TOP = HERE.parents[2]
PROGRAM = str(pathlib.Path(os.environ.get("top_builddir") or TOP) / "sandboxgen")
TURNED = [(" == ", " != "), (" != ", " == "), (" !exists", " exists"), (" exists", " !exists"), (" empty", " !empty"),
          (" !empty", " empty"), (" not in ", " in "), (" in ", " not in "), (" <= ", " < "), (" <= ", " > "), (" < ", " <= "),
          (" < ", " > "), ("some ", ""), (" and ", "\n  "), (" true", " false"), (" false", " true")]
CLAUSE = re.compile(r"^(?P<indent> *)(?P<body>[^\n#]+(?:\n *or [^\n]+)*?) *<<[^>]*(?:>(?!>)[^>]*)*>>", re.M)


def code_of(text):
    """The text with comments and messages blanked, character by character: where a mutant may begin."""
    blank = lambda m: re.sub(r"[^\n]", " ", m.group())
    return re.sub(r"<<.*?>>", blank, re.sub(r"^ *#.*$", blank, text, flags=re.M), flags=re.S)


def replaced(text, start, end, new, what):
    line = text.count("\n", 0, start) + 1
    return f"{line}: {what}", text[:start] + new + text[end:]


def alternatives(text, code):
    """`a or b` without a, and without b; alternatives stand on one line or on lines of their own"""
    for m in re.finditer(r"^( *)([^\n]*[^\s{}][^\n]*?(?:\n? *\bor [^\n]+?)+) *(?=$|<<)", code, re.M):
        parts = [(p.start(), p.end()) for p in re.finditer(r"(?:(?!\s+or ).)+", m.group(2), re.S)]
        parts = [(m.start(2) + a, m.start(2) + b) for a, b in parts if m.group(2)[a:b].strip()]
        for k, (a, b) in enumerate(parts):
            if any(c in text[a:b] for c in "{}"):
                continue
            start, end = (a, parts[1][0] + len(re.match(r"\s*or ", code[parts[1][0]:]).group())) if k == 0 and len(parts) > 1 else (a, b)
            yield replaced(text, start, end, "", f"without {text[a:b].strip()!r}")


def lists(text, code):
    for m in re.finditer(r"\[([^\[\]|]*'[^\[\]|]*)\]", code):
        items = list(re.finditer(r"'[^']*'", m.group(1)))
        for k, item in enumerate(items if len(items) > 1 and "==" not in m.group(1) and " in " not in m.group(1) else []):
            a, b = m.start(1) + item.start(), m.start(1) + item.end()
            comma = re.compile(r"\s*,\s*").match(code, b)
            start, end = (a, comma.end()) if comma else (m.start(1) + items[k - 1].end(), b)
            yield replaced(text, start, end, "", f"without {item.group()}")


def mutants(text):
    """(what was changed, the mutant)"""
    code = code_of(text)
    for m in CLAUSE.finditer(text):
        if code[m.start("body")] != " ":
            yield replaced(text, m.start("body"), m.end(), "this exists", f"dropped {m.group('body').splitlines()[0]!r}")
    for m in re.finditer(r" when [^{\n]+(?= \{)", code):
        yield replaced(text, m.start(), m.end(), "", "dropped the condition")
    for old, new in TURNED:
        for m in re.finditer(re.escape(old) + (r"\b" if old.strip().isalpha() else ""), code):
            if not (old == " in " and code[:m.start()].endswith(" not")):
                yield replaced(text, m.start(), m.end(), new, f"{old!r} is {new!r}")
    for m in re.finditer(r"(?<=[<>=] )\d+\b", code):
        yield replaced(text, m.start(), m.end(), str(int(m.group()) + 1), "a bound moved")
    for m in re.finditer(r"\(([^()?]*\|[^()]*)\)", code):
        words = m.group(1).split("|")
        for k, word in enumerate(words):
            yield replaced(text, m.start(1), m.end(1), "|".join(words[:k] + words[k + 1:]), f"without {word!r}")
    yield from alternatives(text, code)
    yield from lists(text, code)


def killed(name, tests, text):
    """None: this is no rule file"""
    with tempfile.TemporaryDirectory() as folder:
        rules, cases = pathlib.Path(folder, name), pathlib.Path(folder, "tests.yaml")
        rules.write_text(text, encoding="utf-8")
        cases.write_text(tests, encoding="utf-8")
        done = subprocess.run([PROGRAM, "test", str(rules), str(cases)], capture_output=True, check=False)
    return None if done.returncode == 2 else done.returncode != 0


def rules_of(text):
    """[(name, first line, last line, names of the rules that it may call)]"""
    code = code_of(text)
    found = [(m.group(1), code.count("\n", 0, m.start()) + 1, code.count("\n", 0, m.end()) + 1, m.group(2))
             for m in re.finditer(r"^rule (\w+)(.*?)^\}", code, re.M | re.S)]
    names = {name for name, *_ in found}
    return [(name, first, last, names & set(re.findall(r"\w+", body))) for name, first, last, body in found]


def concerned(rules, line):
    """The rules that a change at the line may change; None: all."""
    names = {name for name, first, last, _ in rules if first <= line <= last}
    while more := {name for name, _, _, calls in rules if calls & names} - names:
        names |= more
    return names or None


class Cases:
    """The tests of a file of rules, each with the rules that it expects something of."""
    def __init__(self, text):
        self.all, parts = text, re.split(r"^(?=- )", text, flags=re.M)
        self.cases = [(part, set(re.findall(r"\w+", part[part.rindex("expectations:"):]))) for part in parts[1:]]

    def of(self, rules):
        chosen = [part for part, names in self.cases if rules is None or names & rules]
        return "".join(chosen) or "[]\n"


def check(path, with_mutants=True):
    text = path.read_text(encoding="utf-8")
    cases, rules = Cases(path.with_name(path.stem + "_tests.yaml").read_text(encoding="utf-8")), rules_of(text)
    tap.ok(killed(path.name, cases.all, text) is False, f"{path.name}: its tests pass")
    if not with_mutants:
        return
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        said = list(pool.map(lambda m: (m[0], killed(path.name, cases.of(concerned(rules, int(m[0].split(":")[0]))), m[1])),
                             mutants(text)))
    all_of, alive = [w for w, dead in said if dead is not None], [w for w, dead in said if dead is False]
    rate = 1 - len(alive) / len(all_of)
    tap.ok(rate >= 0.95, f"{path.name}: {rate:.1%} of {len(all_of)} mutants are noticed", "\n".join(alive))
    for what in alive:
        tap.note(f"alive: {what}")


def all_rules():
    packs = "--packs" in sys.argv
    for path in sorted((TOP / "policies" / "packs").glob("*.guard")):
        check(path, packs)
    for path in () if packs else sorted((TOP / "policies").glob("*.guard")):
        check(path)


tap.main(all_rules)
