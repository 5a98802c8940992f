#!/usr/bin/env python3
"""The rendered roles, proved against references of their own, and each part of them shown to be needed (TAP).

    top_builddir=BUILD python3 tests/iam/roles.py

A role has a file NAME.json beside this one: `needs` are the requests that it must be able to make and all that it may make
(proved in both directions: the role is within the reference, the reference within the role); `never` are denials that must
hold whatever else the role is allowed one day (proved for the role's own denials beside an Allow of everything).  What those
files name is read in the rendered template.  Then every statement, action, resource, condition and NotAction entry of the
role is taken away or widened, one at a time: each such role must fail one of the three proofs, or be named in `same`, with
the reason that nothing changes.  With sanitizers every eighth of these changes.

That the needs are needs is decided outside of us: tests/conformance/test_roles.py has every action that CloudFormation's own
handlers list for the types of the template; test_enforced.py deploys, updates and deletes with the two roles where moto enforces
them, and cannot with an action less.
"""
import copy
import json
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(HERE.parent / "golden"))
import golden

PROGRAM = pathlib.Path(os.environ.get("top_builddir") or HERE.parents[1]).resolve() / "sandboxgen"
SPEC = "name: executor\nstack: sandbox\nregion: eu-central-1\ndeploy: {repository: acme/sandbox, branch: main, environment: production}\n"
ROLES = {"function-role": ("template.yaml", "ExecutorRole"), "deploy-role": ("bootstrap.yaml", "DeployRole"),
         "service-role": ("bootstrap.yaml", "ServiceRole")}
EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}
count = failed = 0


def ok(good, name, detail=""):
    global count, failed
    count += 1
    failed += not good
    print(f"{'ok' if good else 'not ok'} {count} - {name}")
    for line in str(detail).splitlines()[:40] if not good else []:
        print("# " + line[:300])


def run(*arguments, cwd):
    return subprocess.run([str(PROGRAM), *map(str, arguments)], cwd=cwd, capture_output=True, text=True, check=False, timeout=60)


def contains(folder, candidate, reference):
    """(verdict, what the program said)."""
    result = run("iam", "contains", candidate, reference, cwd=folder)
    return {0: "contained", 1: "not proved"}.get(result.returncode, "error"), result.stdout + result.stderr


def write(folder, name, document):
    (folder / name).write_text(json.dumps(document))
    return name


def statements(role):
    return [s for p in role["Properties"]["Policies"] for s in p["PolicyDocument"]["Statement"]]


def policy(statements):
    return {"Version": "2012-10-17", "Statement": statements}


class Role:
    def __init__(self, folder, name):
        file, self.id = ROLES[name]
        self.folder, self.name = folder, name
        self.template = json.loads(run("expand", "--format", "json", file, cwd=folder).stdout)
        # the boundary is another stack's: nobody can see here what it leaves
        self.template["Resources"][self.id]["Properties"].pop("PermissionsBoundary", None)
        self.own = json.loads((HERE / (name + ".json")).read_text())
        write(folder, "needs.json", policy(self.own["needs"]))
        write(folder, "never.json", policy([EVERYTHING] + self.own["never"]))

    def proofs(self, template):
        """The two, or with denials of its own three, by name."""
        write(self.folder, "t.json", template)
        yield "within its needs", contains(self.folder, f"t.json:{self.id}", "needs.json")
        yield "able to do what it needs", contains(self.folder, "needs.json", f"t.json:{self.id}")
        if not self.own["never"]:
            return
        walls = copy.deepcopy(template)
        role = walls["Resources"][self.id]["Properties"]
        denies = [s for s in statements(walls["Resources"][self.id]) if s["Effect"] == "Deny"]
        role["Policies"] = [{"PolicyName": "walls", "PolicyDocument": policy([EVERYTHING] + denies)}]
        write(self.folder, "w.json", walls)
        yield "never beyond its walls", contains(self.folder, f"w.json:{self.id}", "never.json")


def listed(value):
    return value if isinstance(value, list) else [value]


def shrink(s, key):
    """Each entry taken away, where there are several; all widened to a lone star where it is an Allow."""
    entries = listed(s[key])
    for k, entry in enumerate(entries):
        if len(entries) > 1:
            yield f"{key} without {json.dumps(entry)}", {**s, key: entries[:k] + entries[k + 1:]}
    if s["Effect"] == "Allow" and entries != ["*"]:
        yield f"{key} *", {**s, key: "*"}
    if key == "NotAction":
        yield "NotAction with s3:GetObject", {**s, key: entries + ["s3:GetObject"]}


def conditions(s):
    for operator, keys in s.get("Condition", {}).items():
        for key in keys:
            rest = {k: v for k, v in keys.items() if k != key}
            left = {**s, "Condition": {**s["Condition"], operator: rest}}
            if not rest:
                del left["Condition"][operator]
            if not left["Condition"]:
                del left["Condition"]
            yield f"no condition {operator} {key}", left
            if s["Effect"] == "Deny":
                yield "one more condition", {**s, "Condition": {**s["Condition"], "Bool": {"aws:SecureTransport": "true"}}}


def mutants(template, id):
    """(name, template with one change)."""
    for p, own in enumerate(template["Resources"][id]["Properties"]["Policies"]):
        for k, s in enumerate(own["PolicyDocument"]["Statement"]):
            changes = [("taken away", None)]
            for key in ("Action", "NotAction", "Resource"):
                changes += shrink(s, key) if key in s else []
            changes += conditions(s)
            for name, changed in changes:
                other = copy.deepcopy(template)
                place = other["Resources"][id]["Properties"]["Policies"][p]["PolicyDocument"]["Statement"]
                place[k:k + 1] = [changed] if changed else []
                yield f"{s.get('Sid', k)}: {name}", other


def check(folder, name):
    role = Role(folder, name)
    for what, (verdict, said) in role.proofs(role.template):
        ok(verdict == "contained", f"the {name} is {what}", said)
    silent, errors, all_changes = [], [], list(mutants(role.template, role.id))
    changes = golden.sampled(all_changes, PROGRAM)
    n, same = len(changes), sorted(role.own["same"])
    for change, template in changes:
        verdicts = []
        for _, (verdict, said) in role.proofs(template):
            verdicts.append(verdict)
            errors += [f"{change}: {said}"] if verdict == "error" else []
            if verdict != "contained":
                break
        silent += [change] if all(v == "contained" for v in verdicts) else []
    ok(not errors, f"all {n} changes of the {name} can be read", "\n".join(errors))
    seen = set() if n < len(all_changes) else set(same) - set(silent)
    ok(sorted(silent) == same or n < len(all_changes) and set(silent) <= set(same), f"each of {n} changes of the {name} is seen, but for {len(silent)}",
       "not seen: " + "\n".join(set(silent) - set(same)) + "\nseen, though named: " + "\n".join(seen))


def main():
    with tempfile.TemporaryDirectory(prefix="sandboxgen-test.") as place:
        folder = pathlib.Path(place)
        (folder / "sandbox.yaml").write_text(SPEC)
        result = run("render", cwd=folder)
        ok(result.returncode == 0, "the set is rendered", result.stderr)
        template = folder / "template.yaml"
        template.write_text(template.read_text().replace("CodeUri: .\n", "CodeUri: s3://bucket/key\n"))  # as sam package would
        for name in ROLES:
            check(folder, name)
    print(f"1..{count}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
