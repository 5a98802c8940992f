#!/usr/bin/env python3
"""The data of SAM that AWS publishes in its translator, in the form that src/sam/data.c reads.

    python3 -m venv V && V/bin/pip install aws-sam-translator==1.115.0
    V/bin/python tools/sam-data.py src/sam/data

Policy templates without their descriptions, connector profiles, and the managed policies: which partitions have each
(hexadecimal sum of 1 aws, 2 aws-cn, 4 aws-us-gov, 8 aws-eusc) and under which path.  Apache-2.0, see src/sam/data/NOTICE.
"""
import json
import pathlib
import sys

import samtranslator

PARTITIONS = {"aws": 1, "aws-cn": 2, "aws-us-gov": 4, "aws-eusc": 8}


def dump(path, data):
    rows = []
    for key, value in sorted(data.items()):
        rows.append(f"{json.dumps(key)}:{json.dumps(value, separators=(',', ':'), sort_keys=True)}")
    path.write_text("{\n" + ",\n".join(rows) + "\n}\n", encoding="utf-8")


def policy_templates(root, out):
    templates = json.loads((root / "policy_templates_data/policy_templates.json").read_text(encoding="utf-8"))
    dump(out / "policy_templates.json", {
        name: {"Parameters": sorted(t["Parameters"]), "Definition": t["Definition"]}
        for name, t in templates["Templates"].items()
    })


def connectors(root, out):
    profiles = json.loads((root / "model/connector_profiles/profiles.json").read_text(encoding="utf-8"))
    dump(out / "connectors.json", {k: profiles[k] for k in ("CfnResourceProperties", "Permissions")})


def managed_policies(root, out):
    bundled = json.loads((root / "internal/data/aws_managed_policies.json").read_text(encoding="utf-8"))
    rows = {}
    for partition, bit in PARTITIONS.items():
        for name, arn in bundled[partition].items():
            path = arn.removeprefix(f"arn:{partition}:iam::aws:policy/")
            assert path.endswith(name), arn
            rows[(name, path)] = rows.get((name, path), 0) | bit
    lines = [f"{name} {mask:x} {path}\n" for (name, path), mask in sorted(rows.items())]
    (out / "managed_policies.txt").write_text("".join(lines), encoding="utf-8")


def main():
    root, out = pathlib.Path(samtranslator.__file__).parent, pathlib.Path(sys.argv[1])
    policy_templates(root, out)
    connectors(root, out)
    managed_policies(root, out)


main()
