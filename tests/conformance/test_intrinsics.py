"""Acceptance: each intrinsic, in an Output, has the value that an emulator gives it, or the emulator's own error is cited
here; Fn::ForEach and the other language extensions against cfn-lint's transform.
"""
import json
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "lib"))
import bench
import tap

PARAMETERS = {"Env": "prod", "List": "x,y,z", "Size": "3", "Empty": ""}
BASE = {
    "Parameters": {
        "Env": {"Type": "String"}, "List": {"Type": "CommaDelimitedList"}, "Size": {"Type": "Number"}, "Empty": {"Type": "String"}},
    "Mappings": {"M": {"prod": {"k": "v", "l": ["one", "two"]}, "dev": {"k": "w", "l": ["three"]}},
                 "Regions": {"us-east-1": {"name": "virginia"}, "eu-west-1": {"name": "ireland"}}},
    "Conditions": {
        "IsProd": {"Fn::Equals": [{"Ref": "Env"}, "prod"]},
        "IsEmpty": {"Fn::Equals": ["", {"Ref": "Empty"}]},
        "Both": {"Fn::And": [{"Condition": "IsProd"}, {"Fn::Not": [{"Condition": "IsEmpty"}]}]},
        "Either": {"Fn::Or": [{"Condition": "Both"}, {"Fn::Equals": [{"Ref": "Size"}, "3"]}]},
    },
    "Resources": {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "q"}}},
}
ROWS = {
    "Ref of a parameter": {"Ref": "Env"},
    "Ref of a number": {"Ref": "Size"},
    "Ref of an empty string": {"Fn::Sub": "[${Empty}]"},
    "Sub": {"Fn::Sub": "${Env}-${Size}"},
    "Sub with variables": {"Fn::Sub": ["${a}-${Env}", {"a": {"Fn::FindInMap": ["M", {"Ref": "Env"}, "k"]}}]},
    "Sub of a literal": {"Fn::Sub": "a${!Env}b"},
    "Sub of a dollar": {"Fn::Sub": "a$b{c}"},
    "Join": {"Fn::Join": ["-", ["a", {"Ref": "Env"}, "b"]]},
    "Join of a list": {"Fn::Join": ["+", {"Ref": "List"}]},
    "Join of nothing": {"Fn::Join": ["+", []]},
    "Join without a delimiter": {"Fn::Join": ["", ["a", "b"]]},
    "Select": {"Fn::Select": [1, {"Ref": "List"}]},
    "Select by a string": {"Fn::Select": ["2", ["a", "b", "c"]]},
    "Split": {"Fn::Join": ["|", {"Fn::Split": [",", "a,,b"]}]},
    "Split by two": {"Fn::Select": [1, {"Fn::Split": ["::", "a::b::c"]}]},
    "Split without the delimiter": {"Fn::Join": ["|", {"Fn::Split": [";", "a,b"]}]},
    "FindInMap": {"Fn::FindInMap": ["M", {"Ref": "Env"}, "k"]},
    "FindInMap of a list": {"Fn::Select": [1, {"Fn::FindInMap": ["M", "prod", "l"]}]},
    "If": {"Fn::If": ["IsProd", "yes-it-is", "no"]},
    "If of And, Not and Condition": {"Fn::If": ["Both", "yes-it-is", "no-it-is-not"]},
    "If of Or": {"Fn::If": ["Either", "yes-it-is", "no-it-is-not"]},
    "If in If": {"Fn::If": ["Both", "a", {"Fn::If": ["IsProd", {"Ref": "Env"}, "c"]}]},
    "Base64": {"Fn::Base64": "hello"},
    "Base64 of two bytes": {"Fn::Base64": {"Fn::Sub": "${Env}!"}},
    "ToJsonString": {"Fn::ToJsonString": {"a": 1, "b": [{"Ref": "Env"}, True], "c": "q\"\\"}},
    "Cidr": {"Fn::Select": [1, {"Fn::Cidr": ["10.0.0.0/16", 3, 8]}]},
    "Cidr by strings": {"Fn::Join": [",", {"Fn::Cidr": ["192.168.0.0/24", "2", "5"]}]},
    "Length": {"Fn::Length": {"Ref": "List"}},
    "NoValue in Join": {"Fn::Join": ["-", ["a", {"Ref": "AWS::NoValue"}, "b"]]},
    "GetAtt": {"Fn::GetAtt": ["Queue", "QueueName"]},
    "Ref of a resource": {"Ref": "Queue"},
    "Ref of the region": {"Ref": "AWS::Region"},
    "Sub of pseudo-parameters": {"Fn::Sub": "${AWS::Region}.${AWS::Partition}.${AWS::URLSuffix}-${Env}"},
    "FindInMap by the region": {"Fn::FindInMap": ["Regions", {"Ref": "AWS::Region"}, "name"]},
    "FindInMap with a default": {"Fn::FindInMap": ["M", "nobody", "k", {"DefaultValue": "d"}]},
    "FindInMap of an included mapping": {"Fn::FindInMap": ["Included", {"Ref": "Env"}, "key"]},
    "If of NoValue in a list": {"Fn::Join": ["-", ["a", {"Fn::If": ["IsEmpty", {"Ref": "AWS::NoValue"}, "c"]}]]},
    "Select of Split of Sub": {"Fn::Select": [1, {"Fn::Split": ["/", {"Fn::Sub": "x/${Env}/y"}]}]},
    "Base64 of Join": {"Fn::Base64": {"Fn::Join": ["\n", ["#!/bin/sh", {"Ref": "Env"}]]}},
    "ImportValue": {"Fn::ImportValue": "nowhere"},
    "GetAZs": {"Fn::Select": [0, {"Fn::GetAZs": ""}]},
}
# What moto 5.2.1 does instead, and what we say: it has no Fn::Cidr or Fn::Length and takes them for mappings; it joins
# what AWS::NoValue is as None; FindInMap has no DefaultValue there; ToJsonString is spelt with blanks (AWS: without, as the documentation's examples have it);
# it compares a Number parameter as a number, where for CloudFormation it is a string once it is used
# (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html, Type).
EMULATOR = {
    "If of Or": "yes-it-is", "FindInMap with a default": "d", "If of NoValue in a list": "a",
    "Cidr": "10.0.1.0/24", "Cidr by strings": "192.168.0.0/27,192.168.0.32/27", "Length": "3", "NoValue in Join": "a-b",
    "ToJsonString": '{"a":1,"b":["prod",true],"c":"q\\"\\\\"}',
}
# What only a deployment decides stays as it was written.
DEPLOYED = {"GetAtt", "Ref of a resource", "ImportValue", "GetAZs"}


FILES = {"included.json": '{"prod": {"key": "from a file"}}'}


def including(location):
    """A mapping whose content is a file of FILES, the only place where moto 5.2.5 follows AWS::Include."""
    return {"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": location}}}


def ours(template, extensions=True):
    place = bench.scratch() / "t.json"
    for name, content in FILES.items():
        place.with_name(name).write_text(content)
    if extensions:
        template = {"Transform": "AWS::LanguageExtensions", **template}
    place.write_text(json.dumps(template))
    words = [f"{key}={value}" for key, value in PARAMETERS.items() if key in template.get("Parameters", {})]
    result = bench.run(bench.SANDBOXGEN, "expand", "--resolve", "--region", "us-east-1", "--format", "json",
                       *(["--parameter-overrides", *words, "--"] if words else []), place)
    return json.loads(result.out) if result.status == 0 else str(result)


def text(value):
    return str(value).lower() if isinstance(value, bool) else str(value) if isinstance(value, int) else value


def with_output(value, included="included.json"):
    mappings = {**BASE["Mappings"], **({"Included": including(included)} if "Included" in json.dumps(value) else {})}
    return {**BASE, "Mappings": mappings, "Outputs": {"O": {"Value": value}}}


def outputs_are_equal():
    asked = {name: value for name, value in ROWS.items() if name not in DEPLOYED}
    jobs = [{"template": with_output(value, "s3://files/included.json"), "parameters": PARAMETERS, "files": FILES} for value in asked.values()]
    answers = dict(zip(asked, bench.driver("EMULATORS", "deploy_outputs.py", text_in=json.dumps(jobs)).json()))
    for name, value in ROWS.items():
        made = ours(with_output(value))
        got = text(made["Outputs"]["O"]["Value"]) if isinstance(made, dict) else made
        if name in DEPLOYED:
            tap.ok(isinstance(got, dict), f"{name} is left to the deployment", got)
            continue
        said = answers[name].get("outputs", {}).get("O", answers[name].get("error"))
        if name in EMULATOR:
            tap.note(f"{name}: moto says {said}")
            tap.same(got, EMULATOR[name], name)
            tap.ok(said != got, f"{name}: moto still differs, so that it must be cited", said)
        else:
            tap.same(got, said, name)


# What a nested stack gives out.  moto 5.2.5 deploys the stack with its parameters but has no attribute Outputs.X of it: the
# output of the parent that asks for one is left out.  So the stack's own output there is compared with the timeout that the audit
# says of the function whose Timeout is that attribute.
CHILD = {
    "Parameters": {"Given": {"Type": "String"}, "Size": {"Type": "String", "Default": "7"}},
    "Resources": {"T": {"Type": "AWS::SNS::Topic"}},
    "Outputs": {"X": {"Value": None}},
}
NESTED = {
    "Ref of what the parent gives": {"Ref": "Given"},
    "Join": {"Fn::Join": ["", ["8", {"Ref": "Given"}]]},
    "Sub": {"Fn::Sub": "${Given}0"},
    "Select of Split": {"Fn::Select": [1, {"Fn::Split": ["|", {"Fn::Join": ["|", ["a", {"Ref": "Given"}]]}]}]},
}


def parent(url):
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {
        "Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}}}
    return {
        "Mappings": {"M": {"of": {"timeout": "85"}}},
        "Resources": {
            "Nested": {"Type": "AWS::CloudFormation::Stack", "Properties": {
                "TemplateURL": url, "Parameters": {"Given": {"Fn::FindInMap": ["M", "of", "timeout"]}}}},
            **({} if url.startswith("https:") else {"R": role, "F": {"Type": "AWS::Lambda::Function", "Properties": {
                "Runtime": "python3.12", "Handler": "a.b", "Code": {"S3Bucket": "b", "S3Key": "k"}, "Role": {"Fn::GetAtt": ["R", "Arn"]},
                "Timeout": {"Fn::GetAtt": ["Nested", "Outputs.X"]}}}})},
        "Outputs": {"O": {"Value": {"Fn::GetAtt": ["Nested", "Outputs.X"]}}},
    }


def audited(child):
    """What the audit says of the timeout of the parent's function."""
    place = bench.scratch() / "parent.json"
    place.write_text(json.dumps(parent("child.json")))
    place.with_name("child.json").write_text(json.dumps(child))
    result = bench.run(bench.SANDBOXGEN, "audit", "--format", "json", "--", place)
    return [f for f in json.loads(result.out)["findings"] if f["rule"] == "LIM002"]


def audited_timeout(child):
    said = " ".join(f["message"] for f in audited(child))
    found = re.search(r"timeout of F is ([0-9]+) s", said)
    return found.group(1) if found else said


def nested_stacks_are_equal():
    """A default in the child is no value for us: it may be another one that the stack was made with, and an update keeps it."""
    default = audited(CHILD | {"Outputs": {"X": {"Value": {"Ref": "Size"}}}})
    tap.same([f["status"] for f in default], ["unproven"], "a default of the nested stack is not taken for its value")
    children = {name: {**CHILD, "Outputs": {"X": {"Value": value}}} for name, value in NESTED.items()}
    jobs = [{"template": parent("https://s3.amazonaws.com/files/child.json"), "parameters": {},
             "files": {"child.json": json.dumps(child)}} for child in children.values()]
    answers = bench.driver("EMULATORS", "deploy_outputs.py", text_in=json.dumps(jobs)).json()
    for (name, child), answer in zip(children.items(), answers):
        nested = [made.get("X") for made in answer.get("stacks", {}).values()]
        tap.same([audited_timeout(child)], nested, f"an output of a nested stack: {name}")
        tap.same(answer.get("outputs"), {}, f"{name}: moto still has no Outputs.X of a stack, so that it must be cited")


# cfn-lint replaces ${Identifier} in keys and in Fn::Sub alone; AWS says "all instances" in OutputKey and OutputValue
# (https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-foreach.html), and so
# do we: where the two can be compared, values have a Fn::Sub.
LOOPS = {
    "resources": {"Resources": {"Fn::ForEach::Queues": ["Name", ["A", "b2"], {
        "Queue${Name}": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Fn::Sub": "q-${Name}"}}}}]}},
    "in properties": {"Resources": {"Q": {"Type": "AWS::SQS::Queue", "Properties": {"Fn::ForEach::P": ["Name", ["QueueName", "KmsMasterKeyId"], {
        "${Name}": {"Fn::Sub": "x-${Name}"}}]}}}},
    "loops in loops": {"Resources": {"Fn::ForEach::Outer": ["X", ["A", "B"], {"Fn::ForEach::Inner": ["Y", ["1", "2"], {
        "Queue${X}${Y}": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Fn::Sub": "${X}-${Y}"}}}}]}]}},
    "letters and digits alone": {"Resources": {"Fn::ForEach::Q": ["Ip", ["10.0.0.1", "a-b"], {
        "Queue&{Ip}": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Fn::Sub": "${Ip}"}}}}]}},
    "outputs and conditions": {
        "Conditions": {"Fn::ForEach::C": ["Name", ["A", "B"], {"Is${Name}": {"Fn::Equals": [{"Ref": "Name"}, "A"]}}]},
        "Resources": {"Q": {"Type": "AWS::SQS::Queue"}},
        "Outputs": {"Fn::ForEach::O": ["Name", ["A", "B"], {"Out${Name}": {"Value": {"Fn::Sub": "v-${Name}"}}}]}},
    "a reference to the identifier": {"Resources": {"Fn::ForEach::Q": ["Name", ["A", "B"], {
        "Queue${Name}": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": {"Ref": "Name"}}}}]}},
}


def unrolled(value):
    """Without what resolving does beside: a Sub of a text without variables is that text."""
    if isinstance(value, list):
        return [unrolled(item) for item in value]
    if isinstance(value, dict):
        if set(value) == {"Fn::Sub"} and isinstance(value["Fn::Sub"], str) and "${" not in value["Fn::Sub"]:
            return value["Fn::Sub"]
        return {key: unrolled(item) for key, item in value.items() if key != "Transform"}
    return value


def loops_are_equal():
    for name, template in LOOPS.items():
        made = ours(template)
        answer = bench.driver("LINT", "language_extensions.py",
                              text_in=json.dumps({"Transform": "AWS::LanguageExtensions", **template}))
        theirs = json.loads(answer.out).get("template", answer.out) if answer.status == 0 else str(answer)
        tap.same(unrolled(made), unrolled(theirs), f"Fn::ForEach: {name}")


tap.main(outputs_are_equal, nested_stacks_are_equal, loops_are_equal)
