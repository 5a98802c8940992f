"""The roles of a bootstrap template as IAM would hold them:  role_policies.py TEMPLATE ACCOUNT > {role: {policies, trust}}

Resolves what such a template uses, Ref, GetAtt and Sub, for the partition aws; anything else is an error.
"""
import json
import re
import sys

from samtranslator.yaml_helper import yaml_parse

TEMPLATE, ACCOUNT = sys.argv[1:3]
PROVIDER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"
with open(TEMPLATE, encoding="utf-8") as stream:
    resources = yaml_parse(stream.read())["Resources"]


def resolve(value):
    if isinstance(value, list):
        return [resolve(item) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        (name, argument), = value.items()
        if name in ("Ref", "Fn::GetAtt", "Fn::Sub"):
            return {"Ref": reference, "Fn::GetAtt": attribute, "Fn::Sub": substitute}[name](argument)
        if name.startswith("Fn::"):
            raise SystemExit(f"{name} is not resolved here")
    return {key: resolve(item) for key, item in value.items()}


def reference(name):
    fixed = {"AWS::AccountId": ACCOUNT, "AWS::Partition": "aws", "OidcProviderArn": PROVIDER}
    if name in fixed:
        return fixed[name]
    properties = resources[name]["Properties"]
    if resources[name]["Type"] == "AWS::IAM::ManagedPolicy":
        return f"arn:aws:iam::{ACCOUNT}:policy{properties['Path']}{properties['ManagedPolicyName']}"
    return resolve(properties["BucketName"])


def attribute(argument):
    name, what = argument.split(".") if isinstance(argument, str) else argument
    properties = resources[name]["Properties"]
    if what != "Arn":
        raise SystemExit(f"{what} is not resolved here")
    if resources[name]["Type"] == "AWS::S3::Bucket":
        return f"arn:aws:s3:::{resolve(properties['BucketName'])}"
    return f"arn:aws:iam::{ACCOUNT}:role{properties['Path']}{properties['RoleName']}"


def substitute(text):
    return re.sub(r"\$\{([^}]+)\}", lambda match: attribute(match[1]) if "." in match[1] else reference(match[1]), text)


json.dump({name: {"arn": attribute([name, "Arn"]), "trust": resolve(resource["Properties"]["AssumeRolePolicyDocument"]),
                  "policies": {policy["PolicyName"]: resolve(policy["PolicyDocument"])
                               for policy in resource["Properties"]["Policies"]}}
           for name, resource in resources.items() if resource["Type"] == "AWS::IAM::Role"} |
          {"boundary": next((resolve(resource["Properties"]["PolicyDocument"]) for resource in resources.values()
                             if resource["Type"] == "AWS::IAM::ManagedPolicy"), None)}, sys.stdout)
