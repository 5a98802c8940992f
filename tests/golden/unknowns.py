"""What nobody can know never passes where a value that it may have would fail.  Each leaf of each example under "Passes" on
the page of a rule in the Guard language becomes a parameter without a value; wherever the audit then says that a rule
passes, no value that is given to the parameter may make it fail."""
import concurrent.futures
import glob
import json
import os
import re
import subprocess
import sys

top = os.environ.get("top_srcdir", os.path.dirname(os.path.abspath(__file__)) + "/../..")
program = os.environ.get("top_builddir", top) + "/sandboxgen"
VALUES = ["10240", "0", "true", "false", "x", "Active", "Image", "Zip", "None", "PublishedVersions", "Allow", "python3.9",
          "java21", "NONE", "PER_TENANT", "Manual", "/opt/x", "app.handler", "arn:aws:sqs:eu-west-1:123456789012:q", "*"]
LEAF = re.compile(r"(?<=[A-Za-z0-9]: )(?![!|>&*'\"{\[])[^\s{}\[\],][^{}\[\],\n]*|(?<=- )(?![!|>&*'\"{\[])[^\s{}\[\],:]+(?=\n)")


def passing_examples(rule):
    page = subprocess.run([program, "explain", rule], capture_output=True, check=True).stdout.decode()
    part = page.split("\n## Passes\n")[1]
    return re.findall(r"^```yaml\n(.*?)^```", part, re.M | re.S)


def verdicts(template, value=None):
    """{(rule, resource): verdict}; None: it cannot be judged"""
    given = ["--parameter-overrides", f"Unknown={value}"] if value is not None else []
    done = subprocess.run([program, "audit", "--format", "json", "-", *given], input=template.encode(), capture_output=True,
                          check=False)
    if done.returncode == 2:
        return None
    return {(j["rule"], j.get("resource")): j["verdict"] for j in json.loads(done.stdout)["judged"]}


def with_unknown(example):
    """(the leaf's line, the template with a parameter in its place)"""
    start = example.index("Resources:")
    for m in LEAF.finditer(example, start):
        line = example[example.rfind("\n", 0, m.start()) + 1:m.end()]
        if re.search(r"\b(Type|DeletionPolicy|UpdateReplacePolicy|Condition|Version): [^:]*$", line):
            continue
        text = example[:m.start()] + "!Ref Unknown" + example[m.end():]
        declared = "  Unknown:\n    Type: String\n"
        text = text.replace("Parameters:\n", "Parameters:\n" + declared, 1) if "\nParameters:\n" in "\n" + text else \
            "Parameters:\n" + declared + text
        yield line.strip(), text


def check(leaf):
    line, template = leaf
    unknown = verdicts(template)
    if unknown is None:
        return line, None, []
    passed = {key for key, verdict in unknown.items() if verdict == "pass"}
    wrong = []
    for value in VALUES:
        known = verdicts(template, value) or {}
        wrong += [f"{key[0]} passes with an unknown, and fails with {value!r}" for key in passed if known.get(key) == "fail"]
    return line, any(v == "unproven" for v in unknown.values()), wrong


rules = sorted({r for p in glob.glob(top + "/policies/*.guard") if not p.endswith("ci.guard")
                for r in re.findall(r"^rule (\w+)", open(p, encoding="utf-8").read(), re.M)})
leaves, seen = [], set()
for rule in rules:
    for example in passing_examples(rule):
        if "Resources:" in example and "AWS::" in example:
            leaves += [leaf for leaf in with_unknown(example) if not (leaf[1] in seen or seen.add(leaf[1]))]
with concurrent.futures.ThreadPoolExecutor(2) as pool:
    results = list(pool.map(check, leaves))
wrong = [f"{line}: {what}" for line, _, whats in results for what in whats]
judged = [open_ for _, open_, _ in results if open_ is not None]
print("not ok" if wrong else "ok", f"1 - an unknown in one of {len(judged)} places never passes for what would fail")
for what in wrong:
    print("#", what)
enough = len(judged) >= 45 and sum(judged) >= 30
print("ok" if enough else "not ok", f"2 - enough leaves: {len(leaves)} replaced, {len(judged)} judged, {sum(judged)} unproven")
print("1..2")
sys.exit(bool(wrong) or not enough)
