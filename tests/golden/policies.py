"""The examples on a rule's page (`sandboxgen explain ID`) are what they say: each one under "Fails" makes the audit report
the rule, as a fail or as unproven, and where the heading is "Fails at LINE:COLUMN", first there; no one under "Passes"
does.  A block "yaml sandbox.yaml" is the specification (--spec) of the template that follows it, "yaml reference.yaml" its
--reference.  Every rule has a page and every page a rule; pages of rules in the Guard language say where."""
import glob
import json
import os
import re
import subprocess
import sys
import tempfile

top = os.environ.get("top_srcdir", os.path.dirname(os.path.abspath(__file__)) + "/../..")
program = os.environ.get("top_builddir", top) + "/sandboxgen"
table = open(top + "/src/diag/rules.def", encoding="utf-8").read()
rules = re.findall(r"^RULE\((\w+),", table, re.M)
only = sys.argv[1:]


def examples(page, heading):
    """(files beside it, the text, "LINE:COLUMN" or None)"""
    for place, part in re.findall(rf"^## {heading}(?: at (\d+:\d+))?\n(.*?)(?=^## |\Z)", page, re.M | re.S):
        beside = []
        for name, text in re.findall(r"^```yaml( sandbox\.yaml| reference\.yaml)?\n(.*?)^```", part, re.M | re.S):
            if name:
                beside.append(({"sandbox.yaml": "--spec", "reference.yaml": "--reference"}[name.strip()], text))
            else:
                yield beside, text, place or None
                beside = []


def page_of(rule):
    done = subprocess.run([program, "explain", rule], capture_output=True, check=False)
    return done.stdout.decode() if done.returncode == 0 else None


def in_guard(rule):
    return any(re.search(rf"^rule {rule}\b", open(p, encoding="utf-8").read(), re.M)
               for p in glob.glob(top + "/policies/**/*.guard", recursive=True))


def pack_of(rule):
    """The pack that has the rule, or None."""
    for path in glob.glob(top + "/policies/packs/*.guard"):
        if re.search(rf"^rule {rule} ", open(path, encoding="utf-8").read(), re.M):
            return os.path.basename(path)[:-len(".guard")]
    return None


def audit(beside, text, pack):
    command = [program, "audit", "--fail-on", "low", "--format", "json", "-"]
    command += ["--only-policies", "--pack", pack] if pack else []
    with tempfile.TemporaryDirectory() as folder:
        for option, words in beside:
            path = f"{folder}/{option.strip('-')}.yaml"
            with open(path, "w", encoding="utf-8") as file:
                file.write(words)
            command += [option, path]
        done = subprocess.run(command, input=text.encode(), capture_output=True, check=False)
    try:
        return json.loads(done.stdout), done.stderr.decode()
    except ValueError:
        return None, f"exit code {done.returncode}: {done.stderr.decode()}"


def faults_of(rule):
    page = page_of(rule)
    if not page:
        yield "there is no page"
        return
    for heading, wanted in (("Fails", True), ("Passes", False)):
        texts = list(examples(page, heading))
        if not texts:
            yield f"no example under '{heading}'"
        for i, (beside, text, place) in enumerate(texts, 1):
            report, said = audit(beside, text, pack_of(rule))
            if not report or report["verdict"] == "error":
                yield f"{heading} {i} could not be judged: {said}"
                continue
            found = [f for f in report["findings"] if f["rule"] == rule]
            if bool(found) != wanted:
                yield f"{heading} {i}: " + (f"reported: {found[0]['status']}: {found[0]['message']}" if found else
                                            "not reported, only " + " ".join(sorted({f['rule'] for f in report['findings']})))
            if found and place != f"{found[0]['line']}:{found[0]['column']}" and (place or in_guard(rule)):
                yield f"{heading} {i}: reported at {found[0]['line']}:{found[0]['column']}, not at {place}"
            judged = [j["verdict"] for j in report["judged"] if j["rule"] == rule]
            if not wanted and not found and not judged and rule != "TPL005":
                yield f"{heading} {i}: not even judged"


n = bad = 0
for rule in only or rules:
    faults = list(faults_of(rule))
    n += 1
    bad += bool(faults)
    print("not ok" if faults else "ok", n, "-", rule)
    for fault in faults:
        print("#", fault.replace("\n", "\n# "))
pages = {os.path.basename(p)[:-3] for p in glob.glob(top + "/policies/[A-Z]*[0-9].md")}
for path in glob.glob(top + "/policies/**/*.guard", recursive=True):
    pages |= set(re.findall(r"^# # (\w+): ", open(path, encoding="utf-8").read(), re.M))
n += 1
print("ok" if only or pages == set(rules) else "not ok", n, "- every page has a rule")
if not only and pages != set(rules):
    print("#", sorted(pages ^ set(rules)))
    bad += 1
print(f"1..{n}")
sys.exit(1 if bad else 0)
