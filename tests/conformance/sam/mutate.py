#!/usr/bin/env python3
"""Inputs of the translator's tests, mutated and crossed, expanded by the pinned translator and by us: no unexplained
difference.

    V/bin/python tests/conformance/sam/mutate.py [--count 200] [--seed 1] [--keep DIR] [--case N] [--unchanged]

--case expands the N-th template of the seed alone (the number that its name begins with); --unchanged takes the inputs
as they are, each in each region: what the pinned translator makes of them is not always what their outputs say.  V is an
environment with aws-sam-translator (requirements/sam.txt).  Where the translator ends in a fault of its own (an exception
that is no complaint about the template), any answer of ours will do.
"""
import argparse
import collections
import copy
import json
import logging
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "lib")]
import samcompare
import tap

TOP = HERE.parents[2]
BUILD = pathlib.Path(os.environ.get("top_builddir") or TOP)
PROGRAM = os.environ.get("SANDBOXGEN") or str(BUILD / "sandboxgen")
CORPORA = pathlib.Path(os.environ.get("SANDBOXGEN_CORPORA") or TOP.parent / "shared" / "corpora")
INPUTS = CORPORA / "sam-translator" / "tests" / "translator" / "input"
REGIONS = ("ap-southeast-1", "cn-north-1", "us-gov-west-1")
SERVERLESS = "AWS::Serverless::"


# ------------------------------------------------------------------------------------------------ the translator

def translator():
    """template, region -> {"template": …} | {"message": …} | {"fault": …}; None where it is not installed."""
    try:
        import boto3
        from samtranslator.model.exceptions import InvalidDocumentException
        from samtranslator.parser.parser import Parser
        from samtranslator.plugins.application.serverless_app_plugin import ServerlessAppPlugin
        from samtranslator.translator.translator import Translator
    except ImportError:
        return None
    logging.disable(logging.CRITICAL)
    sessions = {region: boto3.session.Session(region_name=region) for region in REGIONS}

    def no_service(self, call, app_id, semver, key, logical_id):
        self._applications[key] = "the repository"

    ServerlessAppPlugin._make_service_call_with_retry = no_service

    def translate(template, region):
        try:
            made = Translator({}, Parser(), boto_session=sessions[region]).translate(
                copy.deepcopy(template), {"param1": "value1", "param2": "value2"})
            return {"template": json.loads(json.dumps(made))}
        except InvalidDocumentException as e:
            return {"message": " ".join(cause.message for cause in e.causes)}
        except Exception as e:  # a fault of the translator's: CloudFormation says "internal transform failure"
            return {"fault": f"{type(e).__name__}: {e}"}

    return translate


# ------------------------------------------------------------------------------------------------ mutations

def serverless(template):
    return [name for name, r in template["Resources"].items()
            if isinstance(r, dict) and str(r.get("Type")).startswith(SERVERLESS)]


def places(value):
    """Every (container, key) below a value."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in list(items):
        yield value, key
        yield from places(inner)


class Mutator:
    def __init__(self, templates, rng):
        self.templates, self.rng = templates, rng
        self.by_key = collections.defaultdict(list)
        self.events, self.resources = [], collections.defaultdict(list)
        for template in templates:
            for name in serverless(template):
                resource = template["Resources"][name]
                self.resources[resource["Type"]].append(resource)
                for container, key in places(resource.get("Properties") or {}):
                    if isinstance(key, str):
                        self.by_key[key].append(container[key])
                properties = resource.get("Properties")
                events = properties.get("Events") if isinstance(properties, dict) else None
                if isinstance(events, dict):
                    self.events += [(resource["Type"], e) for e in events.values()]

    def one(self, template):
        names = serverless(template)
        if not names:
            return "none"
        resource = template["Resources"][self.rng.choice(names)]
        operation = self.rng.choice(OPERATIONS)
        operation(self, template, resource)
        return operation.__name__

    def place(self, resource):
        found = list(places(resource.get("Properties") or {}))
        return self.rng.choice(found) if found else (None, None)

    def remove(self, template, resource):
        container, key = self.place(resource)
        if container is not None:
            del container[key]

    def cross_value(self, template, resource):
        container, key = self.place(resource)
        if container is not None and self.by_key.get(key):
            container[key] = copy.deepcopy(self.rng.choice(self.by_key[key]))

    def cross_property(self, template, resource):
        other = self.rng.choice(self.resources[resource["Type"]])
        properties = other.get("Properties")
        if isinstance(properties, dict) and properties and isinstance(resource.get("Properties"), dict):
            key = self.rng.choice(list(properties))
            resource["Properties"][key] = copy.deepcopy(properties[key])

    def cross_event(self, template, resource):
        fitting = [e for kind, e in self.events if kind == resource["Type"]]
        if fitting and isinstance(resource.get("Properties"), dict):
            events = resource["Properties"].setdefault("Events", {})
            if isinstance(events, dict):
                events[f"Extra{self.rng.randrange(100)}"] = copy.deepcopy(self.rng.choice(fitting))

    def cross_resource(self, template, resource):
        other = self.rng.choice(self.templates)
        name = self.rng.choice(list(other["Resources"]))
        template["Resources"].setdefault(name, copy.deepcopy(other["Resources"][name]))

    def cross_template(self, template, resource):
        other = copy.deepcopy(self.rng.choice(self.templates))
        for section in ("Resources", "Parameters", "Mappings", "Conditions"):
            for name, value in (other.get(section) or {}).items():
                template.setdefault(section, {}).setdefault(name, value)

    def wrong_type(self, template, resource):
        container, key = self.place(resource)
        if container is not None:
            container[key] = copy.deepcopy(self.rng.choice(
                ["", "text", 7, 0, True, False, None, [], {}, ["a"], [{"Ref": "A"}], {"Ref": "param1"}, {"Ref": "Missing"},
                 {"Fn::If": ["C", "a", {"Ref": "AWS::NoValue"}]}, {"Fn::Sub": "${param1}-${AWS::Region}"}, {"a": "b"},
                 {"Fn::GetAtt": ["A", "Arn"]}, {"a": 1, "b": 2}]))

    def attribute(self, template, resource):
        key, value = self.rng.choice(
            [("Condition", "C"), ("Condition", "D"), ("DependsOn", "Other"), ("DependsOn", ["Other", "More"]),
             ("DeletionPolicy", "Retain"), ("DeletionPolicy", "Delete"), ("UpdateReplacePolicy", "Snapshot"),
             ("Metadata", {"a": 1}), ("IgnoreGlobals", "*"), ("UpdatePolicy", {"x": 1})])
        resource[key] = value
        if key == "Condition":
            template.setdefault("Conditions", {}).setdefault(value, {"Fn::Equals": ["a", "b"]})

    def common(self, template, resource):
        key, value = self.rng.choice(
            [("Tags", {"k": "v", "n": None}), ("PropagateTags", True), ("AutoPublishAlias", "live"),
             ("AutoPublishAliasAllProperties", True), ("Tracing", "Active"), ("Role", "arn:aws:iam::1:role/r"),
             ("FunctionUrlConfig", {"AuthType": "NONE"}), ("VpcConfig", {"SubnetIds": ["s"]}),
             ("Policies", ["AmazonS3FullAccess", {"SQSPollerPolicy": {"QueueName": {"Ref": "Q"}}}]),
             ("DeploymentPreference", {"Type": "Canary10Percent5Minutes"}), ("PermissionsBoundary", "arn:aws:iam::1:policy/p"),
             ("EventInvokeConfig", {"DestinationConfig": {"OnFailure": {"Type": "SQS"}}}),
             ("DeadLetterQueue", {"Type": "SQS", "TargetArn": "arn"}), ("OpenApiVersion", "3.0.1"), ("MergeDefinitions", True),
             ("Domain", {"DomainName": "d", "CertificateArn": "c", "Route53": {"HostedZoneId": "z"}}),
             ("Auth", {"DefaultAuthorizer": "AWS_IAM"}), ("Cors", "'*'"), ("FailOnWarnings", True)])
        if isinstance(resource.get("Properties"), dict):
            resource["Properties"][key] = copy.deepcopy(value)

    def to_globals(self, template, resource):
        properties = resource.get("Properties")
        if isinstance(properties, dict) and properties:
            key = self.rng.choice(list(properties))
            section = template.setdefault("Globals", {})
            if isinstance(section, dict):
                section.setdefault(resource["Type"][len(SERVERLESS):], {})[key] = copy.deepcopy(properties[key])
                if self.rng.random() < 0.5:
                    del properties[key]

    def conditional(self, template, resource):
        container, key = self.place(resource)
        if container is not None:
            branches = [container[key], {"Ref": "AWS::NoValue"}]
            self.rng.shuffle(branches)
            container[key] = {"Fn::If": ["C", *branches]}
            template.setdefault("Conditions", {}).setdefault("C", {"Fn::Equals": ["a", "b"]})


# What leaves most templates right is there more often.
OPERATIONS = [Mutator.remove, Mutator.cross_value, Mutator.wrong_type, Mutator.conditional, Mutator.cross_resource,
              *[Mutator.cross_property, Mutator.cross_event, Mutator.cross_template, Mutator.attribute, Mutator.common,
                Mutator.to_globals] * 2]

# Differences that are meant: our answer, and why.
EXPLAINED = [
    (re.compile(r"refused: .*the condition of (Role|Destination)"),
     "the name of a condition is a string; the translator writes a condition's name made of a Python value"),
]


def corpus():
    from samtranslator.yaml_helper import yaml_parse
    out = []
    for path in sorted(INPUTS.glob("*.yaml")):
        template = json.loads(json.dumps(yaml_parse(path.read_text(encoding="utf-8")), default=str))
        if isinstance(template.get("Resources"), dict) and all(isinstance(r, dict) for r in template["Resources"].values()):
            out.append((path.stem, template))
    return out


def cases(count, seed):
    """(name, template, region), the same for the same seed."""
    known = corpus()
    rng = random.Random(seed)
    mutator = Mutator([t for _, t in known], rng)
    good = [(n, t) for n, t in known if not n.startswith("error_")]
    for number in range(count):
        stem, template = rng.choice(good if rng.random() < 0.85 else known)
        template = copy.deepcopy(template)
        done = []
        for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 5))):
            try:
                done.append(mutator.one(template))
            except (AttributeError, TypeError, KeyError):
                continue  # what was mutated before has another shape now
        yield f"{number:05}-{stem}-{'-'.join(done)}", template, rng.choice(REGIONS)


def unchanged():
    """(name, template, region) of each input in each region."""
    for stem, template in corpus():
        for region in REGIONS:
            yield f"{stem}-{region}", template, region


# ------------------------------------------------------------------------------------------------ comparing

def ours(paths, region):
    result = subprocess.run([PROGRAM, "expand", "--format", "json", "--region", region, "--parameter-overrides",
                             "param1=value1", "param2=value2", "--", *map(str, paths), os.devnull],
                            capture_output=True, text=True, encoding="utf-8", check=False)
    if result.returncode not in (0, 2):
        raise RuntimeError(f"expand exited with {result.returncode}: {result.stderr[-2000:]}")
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    return {pathlib.Path(a["file"]).stem: a for a in answers}


def without_repository(template):
    """The URL of an application of the repository is nothing that we know."""
    for resource in template.get("Resources", {}).values():
        if isinstance(resource, dict) and resource.get("Type") == "AWS::CloudFormation::Stack":
            url = (resource.get("Properties") or {}).get("TemplateURL")
            if url == "the repository" or isinstance(url, dict) and "Fn::Transform" in url:
                resource["Properties"]["TemplateURL"] = "the repository"
    return template


def difference(theirs, answer, template):
    """None, or what is different, in a line."""
    if "fault" in theirs:
        return None
    if "message" in theirs:
        if "errors" not in answer:
            return f"accepted: {theirs['message'][:200]}"
        blamed = samcompare.blamed(theirs["message"], template)
        found = {samcompare.owner(e["resource"], template) for e in answer["errors"]} - {"", None}
        if blamed - found:
            return f"blamed {sorted(blamed)}, not {sorted(found)}: {theirs['message'][:160]} / {answer['errors'][0]['message']}"
        return None
    if "errors" in answer:
        return f"refused: {answer['errors'][0]['resource']}: {answer['errors'][0]['message'][:150]}"
    rates = samcompare.Rates()
    rates.add("", without_repository(answer["template"]), without_repository(theirs["template"]))
    if rates.misses:
        kind, why, where = rates.misses[0]
        return f"{kind}: {why}{where}"
    return None


def run(made, what, keep, case=None):
    """made: (name, template, region) of each; what: what they are, for the line of the result."""
    translate = translator()
    if translate is None or not INPUTS.is_dir():
        tap.skip("mutated templates", "aws-sam-translator or the corpus is not there")
        return
    folder = pathlib.Path(keep or tempfile.mkdtemp(prefix="sam-mutate-"))
    folder.mkdir(parents=True, exist_ok=True)
    by_region, all_cases = collections.defaultdict(list), {}
    for number, (name, template, region) in enumerate(made):
        if case not in (None, number):
            continue
        path = folder / f"{re.sub('[^A-Za-z0-9-]', '_', name)[:120]}.json"
        path.write_text(json.dumps(template), encoding="utf-8")
        all_cases[path.stem] = (template, region)
        by_region[region].append(path)
    answers = {}
    for region, paths in by_region.items():
        for start in range(0, len(paths), 500):
            answers.update(ours(paths[start:start + 500], region))
    outcome, wrong, explained = collections.Counter(), [], collections.Counter()
    for stem, (template, region) in all_cases.items():
        theirs = translate(template, region)
        outcome[next(iter(theirs))] += 1
        different = difference(theirs, answers[stem], template)
        why = next((reason for pattern, reason in EXPLAINED if different and pattern.search(different)), None)
        explained[why] += why is not None
        if different and not why:
            wrong.append(f"{stem} ({region}): {different}")
    tap.note(f"{len(all_cases)} templates: {dict(outcome)}")
    for line in [*wrong, *(f"explained, {n}: {why}" for why, n in explained.items() if n)]:
        tap.note(line)
    tap.ok(not wrong and all_cases, f"{len(all_cases)} {what} are expanded alike",
           f"{len(wrong)} are not")
    if not keep:
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep")
    parser.add_argument("--case", type=int)
    parser.add_argument("--unchanged", action="store_true")
    a = parser.parse_args()
    if a.unchanged:
        tap.main(lambda: run(unchanged(), "templates as they are", a.keep, a.case))
    count = a.count if a.case is None else a.case + 1
    tap.main(lambda: run(cases(count, a.seed), f"mutated templates (seed {a.seed})", a.keep, a.case))


if __name__ == "__main__":
    main()
