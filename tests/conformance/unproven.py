#!/usr/bin/env python3
"""Why is anything unproven?  `sandboxgen audit` on real templates (serverless-patterns of the corpora), and the causes counted.

Each cause is here with the reason why no reader of the template alone could decide it; a finding that has none of these causes
fails the test.  The corpus is found at $SANDBOXGEN_CORPORA or ../shared/corpora, other folders may be named as arguments; where it
is absent the test says so and skips.
"""
import collections
import json
import os
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "lib"))
import tap

TOP = HERE.parents[1]
PROGRAM = os.environ.get("SANDBOXGEN") or str(pathlib.Path(os.environ.get("top_builddir") or TOP) / "sandboxgen")
CORPORA = pathlib.Path(os.environ.get("SANDBOXGEN_CORPORA") or TOP.parent / "shared" / "corpora")

DEPLOYED = "its value is known when it is deployed"

# (rules, what the message says, cause, reason); the first that fits counts.
CAUSES = [(re.compile(rules), re.compile(text), cause, reason) for rules, text, cause, reason in [
    ("LOG002", "is not in the template", "the log group is made by Lambda, outside of the template",
     "somebody may have made it before and given it a retention; Lambda itself gives it none"),
    ("FUN005", "called by a service|what others put into its source", "the function is called by a service",
     "who may write to the source (a queue, an API, a bus) is decided by the source's users and policies, not by the function"),
    ("FUN005", "a URL: who may call it", "a function URL with IAM authorisation", "who has lambda:InvokeFunctionUrl is decided in the account"),
    ("FUN005", "is given", "a resource that calls with a role of its own", "who may start that resource is decided by the policies of its callers"),
    ("FUN005", "with a role of its own", "a resource that calls with a role of its own", "who may start that resource is decided by the policies of its callers"),
    ("TPL004", "no function", "a template without a function", "nothing in it can be the sandbox; --function names one where it is meant"),
    ("FUN006", "may be a secret", "the environment takes a parameter, an import or an attribute", DEPLOYED),
    ("FUN006", "", "the environment holds what only a deployment knows", DEPLOYED),
    ("FUN008", "earlier versions", "versions are published", "what earlier versions contain was decided by earlier deployments"),
    ("FUN002", "", "a runtime that is a parameter, or newer than this program", "AWS adds runtimes; which one runs is known when it is deployed"),
    ("FUN003", "container image", "code that is a path", "aws cloudformation package puts code or an image in its place"),
    ("IAM004", "", "a list of managed policies from outside", DEPLOYED),
    ("IAM003", "may be every resource", "a policy's resource is a parameter", "its value may be '*'"),
    ("IAM00[678]|IAM010", "managed policy .* (its document is not|allows is not known)|: managed policy ",
     "a managed policy outside of the template", "its document is in the account, or AWS's, who may change it; --managed-policies gives it"),
    ("IAM00[67]", "depends on what only a deployment knows", "a policy over parameters, or beside an unknown managed policy",
     "the values, or a Deny in the managed policy, decide it"),
    ("IAM008", "as a principal", "a resource policy names the role", "what it grants adds to the role in this account only"),
    ("IAM002|IAM010|IAM001", "", "a role or principal outside of the template", "its policies are in the account"),
    ("IAM009", "no action", "an action that this program's catalogue does not have", "AWS adds actions; a misspelt one looks the same"),
    ("NET001|NET003", "list of subnets|may be empty|security group", "VpcConfig from parameters", DEPLOYED),
    ("NET004", "asks for DNS host names", "DNS settings that contradict each other", "EC2 decides whether it takes them together"),
    ("NET009", "may be reached", "something of the VPC that may be reachable", "what it listens to, or what else runs in the VPC, is not in the template"),
    ("NET0", "is not in this template|are not in this template|is not known|may be empty|allowed to", "subnets, groups or a VPC from outside",
     "their routes, rules and settings are in the account; --assume says what is known of them"),
    ("OUT003", "", "a log subscription or delivery over many groups", "which groups it takes is a pattern or a policy of the account"),
    ("OUT00", "", "a destination from outside of the template", DEPLOYED),
    ("LOG001", "", "the log group's name comes from outside", DEPLOYED),
    ("TPL002", "Custom::|AWS::CloudFormation::CustomResource", "a custom resource", "what its function does is in code, not in the template"),
    ("TPL002", "type AWS::(Lambda|IAM|Logs|RAM)::", "a type that hands permissions, code or logs to others",
     "who they are (users, receivers of a stream, images) is outside of the template"),
    ("TPL002", "type AWS::.*(Vpc|Network|VPC)", "a type that ties networks together", "its other end is outside of the template"),
    ("TPL002", "of type (?!AWS::|Alexa::)", "a type of a third party", "its handler is code in the account"),
    ("TPL002", "of type ", "a type that can start machines or interfaces of its own",
     "what runs there, and what it listens to, is in images and services, not in the template"),
    ("TPL002", "macro|Fn::|include|makes of", "a macro, or an include that is not at hand", "it is code in the account, or a file elsewhere"),
    ("TPL003", "", "beyond the bounds of the analysis", "overrides of parameters make it smaller"),
    ("TPL005", "transform", "SAM resources without the transform", "CloudFormation refuses it as it stands; whoever deploys it expands it before"),
    ("TPL005", "", "SAM refuses it as it stands", "sam build, sam package or a macro may rewrite it before the translator sees it"),
]]


def cause_of(finding):
    for rules, text, cause, reason in CAUSES:
        if rules.match(finding["rule"]) and text.search(finding["message"]):
            return cause, reason
    return None


def findings(files):
    for start in range(0, len(files), 200):
        result = subprocess.run([PROGRAM, "audit", "--format", "json", "--", *files[start:start + 200]], capture_output=True, text=True,
                                encoding="utf-8", check=False, timeout=900)
        yield from (f for f in json.loads(result.stdout)["findings"] if f["status"] == "unproven")


def causes(folder):
    files = sorted(str(p) for p in folder.rglob("*") if p.suffix in (".yaml", ".yml", ".json", ".template"))
    counted, files_of, unexplained = collections.Counter(), collections.defaultdict(set), []
    for finding in findings(files):
        found = cause_of(finding)
        if found:
            counted[found] += 1
            files_of[found].add(finding["file"])
        else:
            unexplained.append(f"{finding['file']}:{finding['line']}: {finding['rule']} {finding['message']}")
    tap.note(f"{folder.name}: {len(files)} files, {sum(counted.values())} unproven findings")
    for (cause, reason), number in counted.most_common():
        tap.note(f"{number:6} in {len(files_of[cause, reason]):4} files: {cause}: {reason}")
    tap.ok(counted and not unexplained, f"{folder.name}: every unproven finding has a cause that the template alone cannot decide",
           "\n".join(unexplained[:30]))


FOLDERS = [pathlib.Path(name) for name in sys.argv[1:]] or [CORPORA / "serverless-patterns"]
if all(folder.is_dir() for folder in FOLDERS):
    tap.main(*(lambda folder=folder: causes(folder) for folder in FOLDERS))
else:
    tap.main(lambda: tap.skip("causes of what is unproven", f"{FOLDERS[0]} is not there"))
