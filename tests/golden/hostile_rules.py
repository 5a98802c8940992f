"""Rule files and documents that are made to crash, to hang or to fill the memory: each is refused with its place, or answered,
within a minute and two gigabytes, and nothing unreadable has exit code 0."""
import json
import os
import random
import resource
import subprocess
import sys
import tempfile

top = os.environ.get("top_srcdir", os.path.dirname(os.path.abspath(__file__)) + "/../..")
program = os.path.abspath(os.environ.get("top_builddir", top) + "/sandboxgen")
DEEP, SECONDS, BYTES = 10000, 60, 2 << 30
TEMPLATE = b'{"Resources": {"A": {"Type": "AWS::SNS::Topic", "Text": "%s!%s"}}}' % (b"a" * 5000, b"x" * 5000)
number, bad = 0, 0


def ok(good, what, said=""):
    global number, bad
    number, bad = number + 1, bad + (not good)
    print("ok" if good else "not ok", number, "-", what)
    for line in "" if good else said[-1500:].splitlines():
        print("#", line)


def audit(rules, document=TEMPLATE, *more):
    """(exit code, standard output, standard error)"""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in (("r.guard", rules), ("t.json", document)):
            with open(f"{folder}/{name}", "wb") as file:
                file.write(text)
        try:
            done = subprocess.run([program, "audit", "--only-policies", *more, "--policies", "r.guard", "--", "t.json"],
                                  cwd=folder, capture_output=True, check=False, timeout=SECONDS)
        except subprocess.TimeoutExpired:
            return None, "", f"not done after {SECONDS} s"
    return done.returncode, done.stdout.decode(), done.stderr.decode(errors="replace")


def refused(what, rules, *places, document=TEMPLATE):
    code, out, err = audit(rules, document)
    placed = not places or any(place in err for place in places)
    ok(code == 2 and placed and "rror: " in err and len(err) < 100000, f"{what}: refused, and where", f"exit code {code}\n{out[-500:]}{err}")


def nested(before, inside, after):
    return (before[0] + before[1] * DEEP + inside + after[1] * DEEP + after[0]).encode()


def deep():
    refused("blocks", nested(("rule R {", "when Resources exists {"), " Resources exists ", ("}", "}")), "r.guard:1:")
    refused("filters", nested(("rule R { Resources", "[ a"), " exists ", (" exists }", "]")), "r.guard:1:")
    refused("lists", nested(("rule R { Resources == ", "["), "", (" }", "]")), "r.guard:1:")
    refused("maps", nested(("rule R { Resources == ", "{a: "), "1", (" }", "}")), "r.guard:1:")
    refused("functions", nested(("let x = ", "count("), "Resources", ("\nrule R { %x exists }", ")")), "r.guard:1:")
    refused("groups of a regular expression", nested(("rule R { Resources.A.Text == /", "("), "a", ("/ }", ")")), "r.guard:1:")
    refused("a query of many parts", b"rule R { Resources" + b".a" * DEEP + b" exists }", "r.guard:1:")
    calls = "".join(f"rule R{i} {{\n  R{i + 1}\n}}\n" for i in range(DEEP)) + f"rule R{DEEP} {{ Resources exists }}\n"
    refused("rules that name each other", calls.encode(), "r.guard:")
    refused("a document", b"rule R { Resources exists }", "t.json:1:", document=b'{"Resources": ' + b"[" * DEEP + b"]" * DEEP + b"}")


def regexes():
    for pattern in (r"^(a+)+$", r"(x+x+)+y", r"^(([a-z])+.)+[A-Z]([a-z])+$", r"(.*a){25}z", r"^(a|aa)+$", r"(?=(a+)+b)c", r"(a*)*\1b"):
        code, out, err = audit(f"rule R {{ Resources.A.Text != /{pattern}/ }}".encode())
        ok(code in (0, 1) or (code == 2 and "r.guard:1:" in err), f"/{pattern}/: an answer, or an error at its place", f"{code} {err}")


def large():
    rule = "rule RULE_%d when Resources exists {\n  Resources.*.Type != /x%d/ <<number %d, of so many that the file has ten megabytes>>\n}\n"
    text = "".join(rule % (i, i % 50, i) for i in range(85000)) + "rule LAST { Resources.A.Gone exists }\n"
    assert len(text) > 10 << 20
    code, out, err = audit(text.encode(), TEMPLATE, "--format", "json")
    judged = json.loads(out)["findings"] if out else []
    ok(code == 1 and [f["rule"] for f in judged] == ["LAST"], f"{len(text)} bytes of rules are judged", f"{code} {err}")
    refused("past the bound", text.encode() * 2, "r.guard")
    refused("ten megabytes of one line", b"rule R { " + b"Resources exists " * 600000, "r.guard:1:")
    refused("ten megabytes of an open text", b"rule R { Resources == '" + b"a" * (10 << 20), "r.guard:1:")
    refused("ten megabytes of brackets", b"[" * (10 << 20), "r.guard:1:")


def noise():
    words = ["rule", "R", "{", "}", "when", "or", "not", "!", "exists", "empty", "==", "!=", "in", "<", ">=", "[", "]", "*", ".", "%x",
             "let", "x", "=", "/a/", "'a'", "<<", ">>", "r[1,2]", "(", ")", ",", "count", "AWS::A::B", "some", "this", "keys", "|", "#\n", "\n", "1", "-"]
    rng, wrong = random.Random(5), []
    for i in range(60):
        text = bytes(rng.randrange(256) for _ in range(5000)) if i % 2 else " ".join(rng.choice(words) for _ in range(2000)).encode()
        code, out, err = audit(text)
        if code != 2 or "r.guard:" not in err:
            wrong.append(f"{i}: exit code {code}: {err[-200:]}")
    ok(not wrong, "random bytes and random words are no rules", "\n".join(wrong))


if "ASAN_OPTIONS" not in os.environ:  # whose shadow alone is larger
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
for part in (deep, regexes, large, noise):
    part()
print(f"1..{number}")
sys.exit(bool(bad))
