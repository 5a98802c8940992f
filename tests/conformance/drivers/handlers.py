"""What CloudFormation's handlers call for a template's resources:  handlers.py TEMPLATE... > {type: {operation: [actions]}}

From the resource providers' own schemas, in which each handler lists the permissions that it needs; cfn-lint ships them.
TEMPLATE is what the SAM translator made, as JSON.
"""
import json
import sys

from cfnlint.schema import PROVIDER_SCHEMA_MANAGER

REGION = "us-east-1"  # the schemas of every region are the same but for what is missing there
OPERATIONS = ("create", "read", "update", "delete")


def of_type(kind):
    """{operation: actions}; a type without an entry has handlers of the old kind, which list nothing."""
    found = PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, kind).schema.get("handlers", {})
    return {operation: found.get(operation, {}).get("permissions", []) for operation in OPERATIONS}


def of_templates(paths):
    kinds = set()
    for path in paths:
        with open(path, encoding="utf-8") as stream:
            kinds |= {resource["Type"] for resource in json.load(stream)["Resources"].values()}
    return {kind: of_type(kind) for kind in sorted(kinds)}


if __name__ == "__main__":
    json.dump(of_templates(sys.argv[1:]), sys.stdout, indent=1)
