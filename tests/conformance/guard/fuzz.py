#!/usr/bin/env python3
"""Random rules over random documents: our verdicts beside the real cfn-guard's, rule by rule.

    tests/conformance/guard/fuzz.py [--pairs N] [--seed N] [--cfn-guard PROGRAM]

cfn-guard 3.2.1 is found, or built, by get-cfn-guard; where it cannot be had the test says so and skips.  Rules and documents are drawn from a grammar over few keys and values, so that they meet.  A file that
only one of the two refuses is a difference, too, but for what policies/DEVIATIONS.md lists (a panic, a stack overflow, a
name that does not exist and is never looked for).
"""
import argparse
import collections
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
BUILD = pathlib.Path(os.environ.get("top_builddir") or HERE.parents[2])
VERDICTS = BUILD / "tests" / "conformance" / "guard" / "verdicts"
RULES_PER_FILE = 10
KEYS = ["A", "B", "C", "Tags", "Tag", "some_key", "SomeKey", "Name", "x1"]
STRINGS = ["a", "b", "ab", "", "abc", "5", "true", "A", "arn:aws:s3:::b", "10.0.0.0/8"]
REGEXES = ["/a/", "/^a/", "/b$/", "/^[a-c]+$/", "/\\d/", "/(?i)A/", "/^$/", "/a|b/", "/^(?!a)/", "/\\w+:/"]
CLASS_MEMBERS = ["a", "b", "c", "5", "a-c", "0-9", "\\w", "\\d", "\\W", "-", "&", "~", ":", "_", "[:alpha:]", "[:^digit:]", "A-Z", "\\]", "^"]
TYPES = ["AWS::S3::Bucket", "AWS::SQS::Queue", "AWS::IAM::Role"]
UNARY = ["exists", "empty", "is_string", "is_list", "is_struct", "is_bool", "is_int", "is_float", "is_null", "EXISTS", "EMPTY"]
CALLS = ["count({q})", "to_upper({q})", "to_lower({q})", "join({q}, ',')", "parse_int({q})", "parse_float({q})",
         "parse_string({q})", "parse_boolean({q})", "parse_char({q})", "substring({q}, 0, 1)", "url_decode({q})",
         "regex_replace({q}, 'a', 'z')", "json_parse({q})", "parse_epoch({q})"]


class Maker:
    def __init__(self, seed):
        self.r = random.Random(seed)
        self.known = []

    def chance(self, p):
        return self.r.random() < p

    def pick(self, *many):
        return self.r.choice(many)

    # ------------------------------------------------------------------------------------------ documents

    def scalar(self):
        return self.pick(1, 5, -3, 1.5, 5.0, True, False, None, *self.r.sample(STRINGS, 4))

    def value(self, depth):
        kind = self.r.random()
        if depth <= 0 or kind < 0.45:
            return self.scalar()
        if kind < 0.7:
            return [self.value(depth - 1) for _ in range(self.r.choice([0, 1, 1, 2, 3]))]
        if kind < 0.75:
            return {self.pick("Ref", "Fn::GetAtt", "Fn::Sub"): self.pick("P", "Q.Arn")}
        return self.map(depth - 1)

    def map(self, depth):
        return {k: self.value(depth) for k in self.r.sample(KEYS, self.r.choice([0, 1, 2, 3, 4]))}

    def document(self):
        doc = self.map(3)
        doc.update({k: self.value(2) for k in self.r.sample(KEYS, 4)})
        self.known = [(k, v) for k, v in doc.items()]
        self.known += [(f"{k}.{m}", w) for k, v in doc.items() if isinstance(v, dict) and "Ref" not in v for m, w in v.items() if m in KEYS]
        doc["Resources"] = {n: {"Type": self.r.choice(TYPES), "Properties": self.map(2)} for n in ("R1", "R2", "R3")}
        return doc

    # ------------------------------------------------------------------------------------------ rules

    def character_class(self, depth):
        text = "[" + self.pick("", "", "^", "-", "]" if depth == 2 else "")
        for i in range(self.pick(1, 1, 2, 3)):
            text += self.pick("&&", "--", "~~") if i else ""
            for _ in range(self.pick(1, 1, 2, 3)):
                text += self.character_class(depth - 1) if depth and self.chance(0.2) else self.r.choice(CLASS_MEMBERS)
        return text + "]"

    def regex(self):
        if self.chance(0.7):
            return self.r.choice(REGEXES)
        return "/" + self.pick("", "^", "(?i)") + self.character_class(2) + self.pick("", "+", "$", "+$") + "/"

    def literal(self, depth=1):
        kind = self.r.random()
        if kind < 0.4:
            return self.r.choice([f"'{s}'" for s in STRINGS])
        if kind < 0.6:
            return self.pick("1", "5", "-3", "1.5", "5.0", "0")
        if kind < 0.7:
            return self.pick("true", "false", "null")
        if kind < 0.8:
            return self.regex()
        if kind < 0.86:
            return self.pick("r[1,5]", "r(1,5)", "r[0.5,5.0]", "r[-3,1)")
        if depth and kind < 0.97:
            return "[" + ", ".join(self.literal(depth - 1) for _ in range(self.r.choice([0, 1, 1, 2, 3]))) + "]"
        return "{" + ", ".join(f"{k}: {self.literal(0)}" for k in self.r.sample(KEYS, 1)) + "}"

    def part(self, depth, names):
        kind = self.r.random()
        if kind < 0.5:
            return "." + self.r.choice(KEYS)
        if kind < 0.62:
            return "[*]"
        if kind < 0.72:
            return ".*"
        if kind < 0.79:
            return self.pick("[0]", "[1]", "[-1]", ".0")
        if kind < 0.84:
            return f"[ keys {self.pick('==', '!=', 'in', 'not in')} {self.literal()} ]"
        if kind < 0.87 and names:
            return ".%" + self.r.choice(names)
        if depth <= 0:
            return "." + self.r.choice(KEYS)
        return f"[ {self.conditions(depth - 1, names)} ]"

    def query(self, depth, names):
        start = self.r.random()
        parts = [self.part(depth, names) for _ in range(self.r.choice([0, 0, 1, 1, 2, 3]))]
        if start < 0.25 and names:
            first = "%" + self.r.choice(names)
        elif start < 0.3:
            first = "this"
        elif start < 0.5:
            first = "Resources.*" + self.pick("", f"[ Type == '{self.r.choice(TYPES)}' ]", ".Properties")
        else:
            first = self.r.choice(KEYS)
        # a filter behind anything else is a panic of 3.2.1
        text = first
        for p in parts:
            filtering = p.startswith("[ ") and not p.startswith("[ keys")
            if filtering and not (text.endswith((".*", "[*]")) or text[-1].isalnum() or text[-1] == "_"):
                continue
            if filtering and (text == "this" or text.endswith((".0", ".1"))):
                continue
            text += p
        return text

    def operand(self, depth, names):
        kind = self.r.random()
        if kind < 0.75:
            return self.literal()
        if kind < 0.85:
            return self.r.choice(CALLS).format(q=self.query(0, names))
        return self.query(depth, names)

    def true_clause(self):
        path, value = self.r.choice(self.known)
        if isinstance(value, (dict, list)) or self.chance(0.4):
            return f"{path} exists" if self.chance(0.7) else f"{path} !empty"
        word = json.dumps(value) if not isinstance(value, str) else f"'{value}'"
        return f"{path} == {word}" if self.chance(0.7) else f"{path} in [{word}, 'zz']"

    def access(self, depth, names):
        if self.known and self.chance(0.4):
            return self.true_clause()
        some = "some " if self.chance(0.2) else ""
        negated = self.pick("not ", "!") if self.chance(0.1) else ""
        query = negated + some + self.query(depth, names)
        if self.chance(0.35):
            return f"{query} {self.pick('', '', '!', 'not ')}{self.r.choice(UNARY)}"
        operator = self.pick("==", "==", "!=", "<", "<=", ">", ">=", "in", "not in", "!in")
        return f"{query} {operator} {self.operand(depth, names)}"

    def conditions(self, depth, names):
        lines = []
        for _ in range(self.r.choice([1, 1, 1, 2])):
            lines.append(" or ".join(self.access(depth, names) for _ in range(self.r.choice([1, 1, 1, 2]))))
        return "\n ".join(lines)

    def item(self, depth, names):
        kind = self.r.random()
        if depth > 0 and kind < 0.15:
            return f"when {self.conditions(depth - 1, names)} {{ {self.block(depth - 1, names)} }}"
        if depth > 0 and kind < 0.3:
            empty = self.pick("", "", " !empty")
            some = "some " if self.chance(0.2) else ""
            return f"{some}{self.query(depth - 1, names)}{empty} {{ {self.block(depth - 1, names)} }}"
        return self.access(depth, names)

    def block(self, depth, names):
        names = list(names)
        lines = []
        if self.chance(0.3):
            name = f"v{len(names)}"
            lines.append(f"let {name} = {self.pick('', 'some ')}{self.query(depth, names)}" if self.chance(0.6) else
                         f"let {name} = {self.operand(depth, names)}")
            names.append(name)
        for _ in range(self.r.choice([1, 1, 2])):
            lines.append(" or ".join(self.item(depth, names) for _ in range(self.r.choice([1, 1, 1, 2]))))
        return "\n  ".join(lines)

    def rule(self, i, names, others):
        when = f" when {self.conditions(1, names)}" if self.chance(0.25) else ""
        body = self.block(2, names)
        if others and self.chance(0.15):
            body = f"{self.pick('', 'not ')}{self.r.choice(others)}\n  {body}"
        if self.chance(0.15):
            type_when = f" when {self.conditions(1, names)}" if self.chance(0.3) else ""
            body = f"{self.r.choice(TYPES)}{type_when} {{\n  {self.block(1, names)}\n }}"
        return f"rule r{i}{when} {{\n  {body}\n}}\n"

    def rules(self):
        """(what stands before the rules, the rules): each can stand alone with what its text names."""
        head, names = "", []
        for i in range(self.r.choice([0, 1, 2])):
            head += f"let g{i} = {self.operand(1, names)}\n" if self.chance(0.3) else f"let g{i} = {self.query(1, names)}\n"
            names.append(f"g{i}")
        return head, [self.rule(i, names, [f"r{k}" for k in range(i)][-2:]) for i in range(RULES_PER_FILE)]


def theirs(program, rules, data):
    """{rule: status}, or None where cfn-guard says nothing about them."""
    done = subprocess.run([program, "validate", "-r", rules, "-d", data, "--structured", "-o", "json",
                           "--show-summary", "none"], capture_output=True, text=True, check=False, timeout=60)
    if done.returncode not in (0, 19):
        return None, done.returncode
    report = json.loads(done.stdout)[0]
    found = {n["Rule"]["name"]: "FAIL" for n in report["not_compliant"]}
    found.update({n: "SKIP" for n in report["not_applicable"]})
    found.update({n: "PASS" for n in report["compliant"]})
    return found, done.returncode


class Ours:
    def __init__(self):
        self.process = subprocess.Popen([str(VERDICTS)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, rules, data):
        self.process.stdin.write(f"{rules}\t{data}\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        return answer.get("rules"), answer.get("error")


def alone(head, rules, i):
    """The i-th rule with the ones it names."""
    needed, todo = set(), [i]
    while todo:
        k = todo.pop()
        if k not in needed:
            needed.add(k)
            todo += [int(w[1:]) for w in rules[k].replace("{", " ").split()[2:] if w[:1] == "r" and w[1:].isdigit()]
    return head + "".join(rules[k] for k in sorted(needed))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--pairs", type=int, default=20000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cfn-guard")
    parser.add_argument("--keep", help="write the differences into this folder")
    o = parser.parse_args()
    if not o.cfn_guard:
        o.cfn_guard = subprocess.run([str(HERE / "get-cfn-guard")], stdout=subprocess.PIPE, text=True, check=False).stdout.strip()
    if not o.cfn_guard:
        print("1..0 # SKIP cfn-guard 3.2.1 cannot be had")
        return 0
    counts, pairs, differences, refused = collections.Counter(), 0, [], collections.Counter()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="sg-fuzz."))
    number = 0

    def compare(text, data, names):
        nonlocal pairs, number
        number += 1
        rules = folder / f"{number}.guard"
        rules.write_text(text, encoding="utf-8")
        their, rc = theirs(o.cfn_guard, rules, data)
        our, error = ours.ask(rules, data)
        if (their is None or our is None) and len(names) > 1:
            return False
        for name in names:
            pairs += 1
            if their is None or our is None:
                kind = "both" if their is our else "a panic of theirs" if rc in (101, -6) else "theirs" if their is None else "ours"
                refused[kind] += 1
                if kind in ("theirs", "ours"):
                    differences.append((text, data.read_text(encoding="utf-8"), name, f"{their} rc {rc}", f"{our} {error}"))
                continue
            counts[their.get(name)] += 1
            if their.get(name) != our.get(name):
                differences.append((text, data.read_text(encoding="utf-8"), name, their.get(name), our.get(name)))
        rules.unlink()
        return True

    seed, ours = o.seed, None
    while pairs < o.pairs:
        if ours is None or seed % 100 == 1:  # documents stay in its memory
            ours = Ours()
        m = Maker(seed)
        seed += 1
        data = folder / f"{seed}.json"
        data.write_text(json.dumps(m.document()), encoding="utf-8")
        head, rules = m.rules()
        if not compare(head + "".join(rules), data, [f"r{i}" for i in range(RULES_PER_FILE)]):
            for i in range(RULES_PER_FILE):
                compare(alone(head, rules, i), data, [f"r{i}"])
        data.unlink()
    shutil.rmtree(folder, ignore_errors=True)
    if o.keep:
        pathlib.Path(o.keep).mkdir(parents=True, exist_ok=True)
        for i, (text, data, name, their, our) in enumerate(differences):
            pathlib.Path(o.keep, f"{i}.txt").write_text(f"{name}: cfn-guard {their}, here {our}\n\n{text}\n\n{data}\n", encoding="utf-8")
    print(f"# {pairs} pairs from seed {o.seed} to {seed - 1}: {dict(counts)}; refused: {dict(refused)}")
    print(f"{'ok' if not differences else 'not ok'} 1 - no difference ({len(differences)})")
    print("1..1")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
