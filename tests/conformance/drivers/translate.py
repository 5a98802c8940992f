"""A SAM template as CloudFormation, by AWS's own translator, offline:  translate.py TEMPLATE > cloudformation.json

Only what the translator insists on is changed: code must lie in S3, and managed policies would be asked of AWS.
"""
import json
import os
import sys

os.environ.setdefault("AWS_DEFAULT_REGION", "ap-south-1")

from samtranslator.translator.managed_policy_translator import ManagedPolicyLoader
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse


class NoManagedPolicies(ManagedPolicyLoader):
    def __init__(self):
        super().__init__(None)

    def load(self):
        return {}


def expand(template, parameters=None):
    for resource in template["Resources"].values():
        properties = resource.get("Properties", {})
        code = properties.get("CodeUri")
        if resource["Type"] == "AWS::Serverless::Function" and not (isinstance(code, dict) or str(code).startswith("s3:")):
            properties["CodeUri"] = "s3://a-bucket/a-key"
    return transform(template, parameters or {}, NoManagedPolicies())


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as stream:
        json.dump(expand(yaml_parse(stream.read())), sys.stdout, indent=1)
