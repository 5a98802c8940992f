"""What nobody can know never passes where a value that it may have would fail.  Each leaf of each example under "Passes" on
the page of a rule in the Guard language, the packs' too, becomes a parameter without a value; wherever the audit then says
that a rule passes, no value that is given to the parameter may make it fail.  All templates are audited in one process
for each value."""
import collections
import concurrent.futures
import glob
import json
import os
import re
import subprocess
import sys
import tempfile

top = os.environ.get("top_srcdir", os.path.dirname(os.path.abspath(__file__)) + "/../..")
program = os.path.abspath(os.environ.get("top_builddir", top) + "/sandboxgen")
VALUES = ["10240", "0", "true", "false", "x", "Active", "Image", "Zip", "None", "PublishedVersions", "Allow", "python3.9",
          "java21", "NONE", "PER_TENANT", "Manual", "/opt/x", "app.handler", "arn:aws:sqs:eu-west-1:123456789012:q", "*", "-1", "tcp", "80", "443", "65535", "1",
          "0.0.0.0/0", "::/0", "10.0.0.0/8", "169.254.169.254/32", "iam:PassRole", "iam:PutRolePolicy", "sts:AssumeRole",
          "s3:*", "s3:GetObject", "lambda:AddPermission", "arn:aws:iam::aws:policy/AdministratorAccess", "deny", "allow",
          "arn:aws:iam::aws:policy/AmazonS3FullAccess", "111122223333", "arn:aws:iam::111122223333:root", "ALL", "PRIVATE"]
PLAIN = r"(?![!|>&*'\"{\[])[^\s{}\[\],]"
QUOTED = r"'[^'\n]*'|\"[^\"\n]*\""
LEAF = re.compile(rf"(?<=[A-Za-z0-9]: )(?:{QUOTED}|{PLAIN}[^{{}}\[\],\n]*)|(?<=- )(?:(?:{QUOTED})|{PLAIN[:-1]}:]+)(?=\n)"
                  rf"|(?<=, |.\[)(?:{QUOTED})(?=[,\]])")


def passing_examples(rule):
    page = subprocess.run([program, "explain", rule], capture_output=True, check=True).stdout.decode()
    part = page.split("\n## Passes\n")[1]
    return re.findall(r"^```yaml\n(.*?)^```", part, re.M | re.S)


def verdicts(folder, names, options, value=None):
    """{file: {(rule, resource): verdict}}; without those that cannot be judged"""
    given = ["--parameter-overrides", f"Unknown={value}"] if value is not None else []
    done = subprocess.run([program, "audit", "--format", "json", *options, *given, "--", *names], capture_output=True,
                          check=False, cwd=folder)
    report, found = json.loads(done.stdout), collections.defaultdict(dict)
    for judged in report["judged"]:
        found[judged["file"]][judged["rule"], judged.get("resource")] = judged["verdict"]
    return {f["path"]: found[f["path"]] for f in report["files"] if f["verdict"] != "error"}


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


def rules_of(pattern):
    return sorted({r for p in glob.glob(top + pattern) if not p.endswith("ci.guard")
                   for r in re.findall(r"^rule ([A-Z]+[0-9]+)", open(p, encoding="utf-8").read(), re.M)})


def leaves_of(rules):
    leaves = {}
    for rule in rules:
        for example in passing_examples(rule):
            if "Resources:" in example and "AWS::" in example:
                leaves.update((text, line) for line, text in with_unknown(example))
    return leaves


def check(rules, options):
    """(leaves, judged, unproven, what is wrong)"""
    leaves = leaves_of(rules)
    with tempfile.TemporaryDirectory() as folder:
        lines = {}
        for i, (text, line) in enumerate(leaves.items()):
            lines[f"{i}.yaml"] = line
            with open(f"{folder}/{i}.yaml", "w", encoding="utf-8") as file:
                file.write(text)
        unknown = verdicts(folder, list(lines), options)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            known = dict(zip(VALUES, pool.map(lambda value: verdicts(folder, list(lines), options, value), VALUES)))
    wrong = [f"{lines[name]}: {rule} of {resource} passes with an unknown, and fails with {value!r}"
             for value, files in known.items() for name, judged in files.items()
             for (rule, resource), verdict in judged.items()
             if verdict == "fail" and unknown.get(name, {}).get((rule, resource)) == "pass"]
    return len(leaves), len(unknown), sum("unproven" in v.values() for v in unknown.values()), wrong


SETS = [("the built-in rules", "/policies/*.guard", [], 45, 30),
        ("the packs", "/policies/packs/*.guard", ["--only-policies", "--pack", "all"], 160, 60)]
bad = False
for number, (what, pattern, options, least, least_open) in enumerate(SETS):
    replaced, judged, unproven, wrong = check(rules_of(pattern), options)
    print("not ok" if wrong else "ok", f"{2 * number + 1} - {what}: an unknown in one of {judged} places never passes for what would fail")
    for line in wrong:
        print("#", line)
    enough = judged >= least and unproven >= least_open
    print("ok" if enough else "not ok", f"{2 * number + 2} - {what}: {replaced} leaves replaced, {judged} judged, {unproven} unproven")
    bad = bad or wrong or not enough
print(f"1..{2 * len(SETS)}")
sys.exit(bool(bad))
