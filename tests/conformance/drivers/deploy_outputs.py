"""Outputs of a template as moto deploys it, in this process:  deploy_outputs.py < {"template": …, "parameters": {…}}

Prints {"outputs": {name: text}} or {"error": what moto said}.  Only for templates of our own: moto reads YAML unsafely, and
gets JSON here.
"""
import json
import os
import sys

os.environ.update(AWS_ACCESS_KEY_ID="x", AWS_SECRET_ACCESS_KEY="x", AWS_DEFAULT_REGION="us-east-1")

import boto3
from moto import mock_aws

job = json.load(sys.stdin)
with mock_aws():
    client = boto3.client("cloudformation", "us-east-1")
    try:
        client.create_stack(
            StackName="s", TemplateBody=json.dumps(job["template"]),
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in job["parameters"].items()])
        stack = client.describe_stacks(StackName="s")["Stacks"][0]
        print(json.dumps({"outputs": {row["OutputKey"]: row["OutputValue"] for row in stack.get("Outputs", [])}}))
    except Exception as error:
        print(json.dumps({"error": f"{type(error).__name__}: {error}"}))
