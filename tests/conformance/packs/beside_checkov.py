#!/usr/bin/env python3
"""The packs beside checkov itself, over the templates of the corpora in our domain (cfn_nag's and serverless-patterns): each
resource that one of its checks fails is to be failed or left unproven by the rule that stands for it, or is in
disagreements.txt with a source outside of this project.

checkov is $TOOLS_CHECKOV/bin/checkov, which `./run-tests --tier conformance` installs."""
import collections
import json
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "lib"))
sys.path.insert(0, str(HERE))
import corpora
import tap

CHECKOV = {
    23: "SGN010", 24: "SGN006", 25: "SGN006", 260: "SGN006", 33: "PRM024", 40: "PRM016", 60: "PRM010", 62: "PRM001", 63: "PRM001",
    66: "LGS001", 88: "SGN021", 107: "PRM007", 108: "PRM008", 109: "PRM006", 111: "PRM002", 115: "LMB002", 116: "LMB003",
    117: "LMB001", 123: "SGN024", 158: "LGS002", 173: "LMB004", 258: "LMB006", 363: "LMB012", 364: "LMB010", 384: "LGS005",
}
FOLDERS = ["cfn_nag", "serverless-patterns"]


def failed(folder):
    """[(number of the check, path, resource)]"""
    command = [os.environ["TOOLS_CHECKOV"] + "/bin/checkov", "-d", str(folder), "--framework", "cloudformation", "--check",
               ",".join(f"CKV_AWS_{n}" for n in CHECKOV), "-o", "json", "--compact", "--quiet", "--skip-download"]
    done = subprocess.run(command, capture_output=True, check=False, timeout=600)
    report = json.loads(done.stdout)
    for part in report if isinstance(report, list) else [report]:
        for found in part["results"]["failed_checks"]:
            yield int(found["check_id"].rsplit("_", 1)[1]), str(folder) + found["file_path"], found["resource"].rsplit(".", 1)[1]


def check():
    known = {key[1:]: why for key, why in corpora.disagreements().items() if key[0] == "checkov"}
    rows, wrong, used = collections.defaultdict(collections.Counter), [], set()
    for name in FOLDERS:
        theirs = list(failed(corpora.CORPORA / name))
        ours = corpora.audit(sorted({path for _, path, _ in theirs}))
        for number, path, resource in theirs:
            rule, key = CHECKOV[number], (f"CKV_AWS_{number}", f"{path.removeprefix(str(corpora.CORPORA) + '/')} {resource}")
            met = resource in ((ours[path] or {}).get(rule) or {})
            rows[number]["met" if met else "disagreed" if key in known else "missed"] += 1
            if not met and key in known:
                used.add(key)
            elif not met:
                wrong.append(f"{rule}: {key[0]} {key[1]}")
    for number, row in sorted(rows.items()):
        tap.note(f"CKV_AWS_{number:<4} {CHECKOV[number]} found {row['met']} of {sum(row.values())}, {row['disagreed']} disagreed")
    total = sum(rows.values(), collections.Counter())
    tap.ok(not wrong and total["met"] > 1000, f"what checkov fails: {total['met']} of {sum(total.values())} found, "
           f"{total['disagreed']} on the list of disagreements", "\n".join(wrong))
    tap.ok(not set(known) - used, "no disagreement is listed that is none", "\n".join(map(str, set(known) - used)))


if __name__ == "__main__":
    tap.main(check)
