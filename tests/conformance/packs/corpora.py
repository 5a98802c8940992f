#!/usr/bin/env python3
"""The packs (policies/packs/) beside what other linters expect of their own fixtures, rule by rule.

    tests/conformance/packs/corpora.py [--table]

cfn_nag's expectations are the resources that its specifications name; of trivy's checks, each bad example is to be found and
no good one.  An expectation that is not met is an error unless disagreements.txt beside this file has it, with a source
outside of this project; an entry of that file that is not needed any more is an error, too.  --table prints recall and false
alarms per rule.  The corpora are found at $SANDBOXGEN_CORPORA or ../shared/corpora; where they are absent the test skips.
"""
import collections
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import yaml

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "lib"))
import tap

TOP = HERE.parents[2]
BUILD = pathlib.Path(os.environ.get("top_builddir") or TOP)
CORPORA = pathlib.Path(os.environ.get("SANDBOXGEN_CORPORA") or TOP.parent / "shared" / "corpora")

# Their rules in our domain, and the rules of ours that cover each.
CFN_NAG = {
    "W1": "LGS006", "F79": "SGN014", "W71": "SGN015", "W72": "SGN016", "W67": "SGN017", "W66": "SGN018", "W33": "SGN020",
    "F51": "PRM019", "W17": "PRM003", "W16": "PRM003", "W15": "PRM003", "W23": "PRM004", "W22": "PRM004", "W21": "PRM004",
    "F40": "PRM005", "F39": "PRM005", "F38": "PRM005", "F5": "PRM001 PRM027", "F4": "PRM001 PRM027", "F3": "PRM001 PRM027", "W13": "PRM002",
    "W12": "PRM002", "W11": "PRM002", "W43": "PRM014", "W44": "PRM015", "W14": "PRM012", "F6": "PRM011", "F2": "PRM012",
    "W50": "PRM020", "F76": "PRM024", "W89": "LMB001", "W92": "LMB002", "F45": "LMB011", "W24": "LMB009", "F13": "LMB008",
    "W84": "LGS002", "W86": "LGS001", "F12": "PRM016", "F11": "PRM016", "F10": "PRM016", "W28": "PRM023", "W20": "PRM026",
    "F9": "PRM025", "F15": "PRM026", "F16": "PRM025", "W40": "SGN003", "W5": "SGN001", "W29": "SGN004", "W42": "SGN008",
    "W9": "SGN007", "W2": "SGN005", "W27": "SGN009", "F1000": "SGN002", "W36": "SGN010", "F2000": "PRM017", "W60": "SGN022",
}
TRIVY = {
    "ec2/no_excessive_port_access": "SGN017 SGN018", "ec2/add_description_to_security_group_rule": "SGN010",
    "ec2/no_public_ingress_sgr": "SGN005", "ec2/no_public_ingress_acl": "SGN019", "ec2/no_public_ip_subnet": "SGN020",
    "ec2/no_public_ip": "SGN021", "ec2/no_public_egress_sgr": "SGN001", "cloudwatch/log_group_customer_key": "LGS002",
    "lambda/restrict_source_arn": "LMB010", "lambda/enable_tracing": "LMB005", "sam/enable_function_tracing": "LMB005",
    "sam/enable_api_tracing": "LGS004", "sam/enable_http_api_access_logging": "LGS003",
    "sam/enable_api_access_logging": "LGS003", "sam/no_function_policy_wildcards": "PRM027",
    "iam/limit_s3_full_access": "PRM002 PRM027", "iam/no_policy_wildcards": "PRM002",
    "iam/no_user_attached_policies": "PRM016",
}
# Their domain, but not of the packs: what covers it.
NATIVE = {"W58": "LOG001, IAM003: a role may write its own group, and nothing else", "W76": "IAM001 to IAM010: what a role may do, not how long it says it"}


def audit(paths):
    """{path: {rule: {resource: verdict}}}; a template that cannot be judged has None."""
    command = [str(BUILD / "sandboxgen"), "audit", "--only-policies", "--pack", "all", "--format", "json", "--"]
    done = subprocess.run(command + paths, capture_output=True, text=True, encoding="utf-8", check=False)
    report = json.loads(done.stdout)
    found = {f["path"]: None if f["verdict"] == "error" else collections.defaultdict(dict) for f in report["files"]}
    for f in report["findings"]:
        if f["file"] not in found:
            continue  # another one names it
        known = found[f["file"]].setdefault(f["rule"], {})
        if known.get(f["resource"]) != "fail":
            known[f["resource"]] = f["status"]
    return found


def disagreements():
    """{(tool, rule, fixture): reason}"""
    entries = {}
    for line in (HERE / "disagreements.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            tool, rule, fixture, why = line.split("\t")
            if "https://" not in why:
                raise ValueError(f"disagreements.txt: no source: {line}")
            entries[tool, rule, fixture] = why
    return entries


OURS = {"cfn_nag", "trivy"}  # checkov's are beside_checkov.py's; what KICS asks stands in the packs' own tests


class Scores:
    def __init__(self):
        self.rows = collections.defaultdict(collections.Counter)
        self.wrong, self.used = [], set()
        self.known = {key: why for key, why in disagreements().items() if key[0] in OURS}

    def add(self, tool, theirs, fixture, kind, met, said):
        row = self.rows[tool, theirs]
        key = (tool, theirs, fixture)
        row[kind] += 1
        row[f"{kind} met"] += met
        if met:
            return
        row["disagreed"] += key in self.known
        if key in self.known:
            self.used.add(key)
        else:
            self.wrong.append(f"{tool} {theirs} {fixture}: {said}")

    def table(self, ours):
        yield f"{'tool':8} {'rule':44} {'ours':14} {'found':>9} {'silent':>9}  disagreed"
        for (tool, theirs), row in sorted(self.rows.items()):
            yield (f"{tool:8} {theirs:44} {ours[tool][theirs]:14} {row['found met']:4}/{row['found']:4} "
                   f"{row['silent met']:4}/{row['silent']:4}  {row['disagreed']}")
        total = sum(self.rows.values(), collections.Counter())
        yield (f"recall {total['found met']} of {total['found']}, false alarms {total['silent'] - total['silent met']} of "
               f"{total['silent']}, {total['disagreed']} of both on the list of disagreements")


def check_cfn_nag(scores):
    folder = CORPORA / "cfn_nag"
    cases = [c for c in json.loads((folder / "expected_from_specs.json").read_text(encoding="utf-8")) if c["rule"] in CFN_NAG]
    cases = [c for c in cases if (folder / c["template"]).is_file()]
    found = audit(sorted({str(folder / c["template"]) for c in cases}))
    wanted = collections.defaultdict(set)  # a template has one expectation per rule: the specifications use it once each
    for c in cases:
        wanted[c["rule"], c["template"]] |= {c["expected"]} if isinstance(c["expected"], str) else set(c["expected"])
    for (rule, template), resources in sorted(wanted.items()):
        said = found[str(folder / template)]
        got = {r: v for ours in CFN_NAG[rule].split() if said for r, v in said.get(ours, {}).items()}
        if resources:
            lacking = sorted(resources - set(got)) if said is not None else ["it cannot be judged"]
            if resources == {"POSITIVE"} and got:  # some resource, the specification does not say which
                lacking = []
            scores.add("cfn_nag", rule, template, "found", not lacking, f"not found: {' '.join(lacking)}; found {got}")
        else:
            alarms = sorted(r for r, v in got.items() if v == "fail")
            scores.add("cfn_nag", rule, template, "silent", not alarms, f"found: {' '.join(map(str, alarms))}")


def check_trivy(scores):
    folder, fixtures = CORPORA / "trivy-checks" / "checks" / "cloud" / "aws", []
    with tempfile.TemporaryDirectory() as scratch:
        for check in TRIVY:
            path = folder / f"{check}.yaml"
            examples = yaml.safe_load(path.read_text(encoding="utf-8")).get("cloudformation", {}) if path.is_file() else {}
            for kind, heading in (("found", "bad"), ("silent", "good")):
                for i, text in enumerate(examples.get(heading) or [], 1):
                    file = pathlib.Path(scratch, f"{check.replace('/', '-')}-{heading}-{i}.yaml")
                    file.write_text(text, encoding="utf-8")
                    fixtures.append((check, f"{heading} {i}", kind, str(file)))
        found = audit([f for *_, f in fixtures])
    for check, name, kind, file in fixtures:
        said = found[file]
        got = {} if said is None else {o: said[o] for o in TRIVY[check].split() if o in said}
        alarm = any("fail" in verdicts.values() for verdicts in got.values())
        met = bool(got) if kind == "found" else not alarm
        scores.add("trivy", check, name, kind, met and said is not None, f"{got if said is not None else 'it cannot be judged'}")


def check():
    scores = Scores()
    check_cfn_nag(scores)
    check_trivy(scores)
    lines = list(scores.table({"cfn_nag": CFN_NAG, "trivy": TRIVY}))
    for line in lines if "--table" in sys.argv else lines[-1:]:
        tap.note(line)
    tap.ok(not scores.wrong, "what cfn_nag and trivy expect of their fixtures in our domain, or a reasoned disagreement",
           "\n".join(scores.wrong))
    idle = set(scores.known) - scores.used
    tap.ok(not idle, "no disagreement is listed that is none", "\n".join(map(str, sorted(idle))))


def absent():
    tap.skip("packs beside other linters", "the corpora are not at hand")


if __name__ == "__main__":
    tap.main(check if (CORPORA / "cfn_nag").is_dir() else absent)
