#!/usr/bin/env python3
"""Templates written by hand where readers and translators part, expanded by the pinned translator and by us.

    V/bin/python tests/conformance/sam/probes.py [NAME]

V is an environment with aws-sam-cli and aws-sam-translator (requirements/sam.txt).  Where AWS::LanguageExtensions is asked
for, SAM CLI's own expansion of it comes first, as CloudFormation's does.  The templates are in probes.txt: "### name", then
a template.
"""
import os
import pathlib
import re
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "lib")]
import mutate
import tap

REGION = "us-gov-west-1"
PARAMETERS = {"param1": "value1", "param2": "value2"}
EXTENSIONS = "AWS::LanguageExtensions"
KEPT = ("the document still asks for AWS::LanguageExtensions, which resolves the function when it is deployed; SAM CLI resolves it "
        "already (samcli.lib.cfn_language_extensions); test_intrinsics.py compares the values")
TWICE = "SAM CLI takes the last; CloudFormation's linter refuses it, too (E0000, duplicate found), and says where"
# Differences that are meant: what is different, and why.
EXPLAINED = {
    "duplicate-keys": ("refused: : the key 'Timeout' is there twice", TWICE),
    "duplicate-resources": ("refused: : the key 'F' is there twice", TWICE),
    "find-in-map-default": ("AWS::Lambda::Function: MemorySize: F", KEPT),
    "foreach-properties": (
        "AWS::Lambda::Function: Environment: F",
        "SAM CLI leaves a loop in properties as it is; CloudFormation takes it there, too: "
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-foreach.html"),
    "length-tojson": ("AWS::Lambda::Function: Environment, Timeout: F", KEPT),
}


def probes():
    parts = re.split(r"^### (.*)\n", (HERE / "probes.txt").read_text(encoding="utf-8"), flags=re.M)
    return dict(zip(parts[1::2], parts[2::2]))


def extended(template):
    transforms = template.get("Transform")
    if EXTENSIONS not in (transforms if isinstance(transforms, list) else [transforms]):
        return template
    from samcli.lib.cfn_language_extensions import process_template
    return process_template(template, PARAMETERS)


def theirs(translate, text):
    from samtranslator.yaml_helper import yaml_parse
    return translate(extended(yaml_parse(text)), REGION)


def plain(value):
    """With Fn::Sub of a text without variables as that text, as SAM CLI writes it."""
    if isinstance(value, dict):
        text = value.get("Fn::Sub")
        return text if len(value) == 1 and isinstance(text, str) and "${" not in text else {
            k: plain(v) for k, v in value.items()}
    return [plain(v) for v in value] if isinstance(value, list) else value


def check(name, text, translate, folder):
    path = pathlib.Path(folder) / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    answer = plain(mutate.ours([path], REGION)[name])
    expected = plain(theirs(translate, text))
    from samtranslator.yaml_helper import yaml_parse
    different = mutate.difference(expected, answer, yaml_parse(text))
    meant, why = EXPLAINED.get(name, (None, None))
    if meant and (different or "").startswith(meant):
        tap.note(f"explained: {different}: {why}")
        different = None
    kind = "refused" if "message" in expected else "expanded" if "template" in expected else "a fault of the translator's"
    tap.ok(not different, f"{name}: {kind}", different or "")


def run():
    translate = mutate.translator()
    if translate is None:
        tap.skip("probes", "aws-sam-translator is not there")
        return
    wanted = {name: text for name, text in probes().items() if name in (sys.argv[1:] or [name])}
    with tempfile.TemporaryDirectory(prefix="sam-probes-") as folder:
        os.environ.setdefault("AWS_DEFAULT_REGION", REGION)
        for name, text in wanted.items():
            check(name, text, translate, folder)


tap.main(run)
