"""Outputs of templates as moto deploys them, in this process:  deploy_outputs.py < [{"template": …, "parameters": {…}, "files": {…}}, …]

Prints a list of {"outputs": {name: text}, "stacks": {name of a nested stack: its outputs}} or {"error": what moto said}.  Only for templates of our own: moto reads YAML
unsafely, and gets JSON here.
"""
import json
import os
import sys

os.environ.update(AWS_ACCESS_KEY_ID="x", AWS_SECRET_ACCESS_KEY="x", AWS_DEFAULT_REGION="us-east-1")

import boto3
from moto import mock_aws


def outputs(stack):
    return {row["OutputKey"]: row["OutputValue"] for row in stack.get("Outputs", [])}


@mock_aws
def deployed(job):
    s3 = boto3.client("s3", "us-east-1")
    s3.create_bucket(Bucket="files")
    for name, content in job.get("files", {}).items():
        s3.put_object(Bucket="files", Key=name, Body=content.encode())
    client = boto3.client("cloudformation", "us-east-1")
    try:
        client.create_stack(
            StackName="s", TemplateBody=json.dumps(job["template"]),
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in job["parameters"].items()])
        stacks = {stack["StackName"]: outputs(stack) for stack in client.describe_stacks()["Stacks"]}
        return {"outputs": stacks.pop("s"), "stacks": stacks}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}


print(json.dumps([deployed(job) for job in json.load(sys.stdin)]))
