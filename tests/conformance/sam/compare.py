#!/usr/bin/env python3
"""`sandboxgen expand` beside AWS's translator, on the inputs and outputs of the translator's own tests.

    tests/conformance/sam/compare.py [--verbose] [--input NAME]

The corpus is found at $SANDBOXGEN_CORPORA or ../shared/corpora; where it is absent the test says so and skips.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "lib")]
import samcompare
import tap

TOP = HERE.parents[2]
BUILD = pathlib.Path(os.environ.get("top_builddir") or TOP)
PROGRAM = os.environ.get("SANDBOXGEN") or str(BUILD / "sandboxgen")
CORPORA = pathlib.Path(os.environ.get("SANDBOXGEN_CORPORA") or TOP.parent / "shared" / "corpora")
CORPUS = CORPORA / "sam-translator" / "tests" / "translator"
PARTITIONS = {"aws": ("ap-southeast-1", ""), "aws-cn": ("cn-north-1", "aws-cn"), "aws-us-gov": ("us-gov-west-1", "aws-us-gov")}
EXACT_RATE, FOUND_RATE = 0.99, 0.95
arguments = None


def expand(paths, region, *more):
    """{file: line of the answer}"""
    result = subprocess.run(
        [PROGRAM, "expand", "--format", "json", "--region", region, *more,
         "--parameter-overrides", "param1=value1", "param2=value2", "--", *map(str, paths), os.devnull],
        capture_output=True, text=True, encoding="utf-8", check=False)
    if result.returncode not in (0, 2) or not result.stdout:
        raise RuntimeError(f"expand exited with {result.returncode}: {result.stderr[-2000:]}")
    answers = {}
    for line in result.stdout.splitlines():
        answer = json.loads(line)
        answers[pathlib.Path(answer["file"]).stem] = answer
    return answers


def inputs():
    found = sorted((CORPUS / "input").glob("*.yaml"))
    return [p for p in found if not arguments.input or p.stem == arguments.input]


def output(partition, stem):
    path = CORPUS / "output" / PARTITIONS[partition][1] / f"{stem}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def answers_of(partition):
    plain = [p for p in inputs() if "metadata" not in p.stem]
    region = PARTITIONS[partition][0]
    answers = expand(plain, region)
    marked = [p for p in inputs() if "metadata" in p.stem]
    if marked:
        answers.update(expand(marked, region, "--metadata"))
    return answers


def show(rates, notes):
    for line in notes:
        tap.note(line)
    for line in rates.lines():
        tap.note(line)


def check_partition(partition):
    answers, rates, refused = answers_of(partition), samcompare.Rates(), []
    for path in inputs():
        expected = output(partition, path.stem)
        if expected is None or "errorMessage" in expected or path.stem.startswith("error_"):
            continue
        answer = answers[path.stem]
        if "template" in answer:
            rates.add(path.stem, answer["template"], expected)
        else:
            refused.append(f"refused: {path.stem}: {answer['errors'][:2]}")
            rates.missing(path.stem, expected)
    exact, exact_whole = rates.rate(1, True)
    found, found_whole = rates.rate(2, False)
    show(rates, refused)
    tap.ok(exact >= EXACT_RATE and exact_whole,
           f"{partition}: {exact:.2%} of {exact_whole} resources of functions, roles and events are equal")
    tap.ok(found >= FOUND_RATE and found_whole, f"{partition}: {found:.2%} of all {found_whole} are there by id and type")


def names(path):
    """The logical ids of a template and the names of their events, from its text: ids are what a two-blank indent has."""
    import yaml

    class Loader(yaml.SafeLoader):
        pass

    Loader.add_multi_constructor("!", lambda loader, tag, node: None)
    return yaml.load(path.read_text(encoding="utf-8"), Loader) or {}


def check_errors():
    try:
        import yaml  # noqa: F401
    except ImportError:
        tap.skip("errors are found at the right resource", "PyYAML is not there")
        return
    answers, wrong, count = answers_of("aws"), [], 0
    for path in inputs():
        expected = output("aws", path.stem)
        if expected is None or not (path.stem.startswith("error_") or "errorMessage" in expected):
            continue
        count += 1
        answer = answers[path.stem]
        if "errors" not in answer:
            wrong.append(f"{path.stem}: accepted; expected {expected['errorMessage'][80:240]}")
            continue
        template = names(path)
        blamed = samcompare.blamed(expected["errorMessage"], template)
        ours = {samcompare.owner(e["resource"], template) for e in answer["errors"]} - {"", None}
        if blamed and blamed != ours:
            wrong.append(f"{path.stem}: {sorted(blamed)} expected, {sorted(ours)} found: "
                         f"{[e['message'] for e in answer['errors']][:3]}")
    tap.ok(not wrong and count, f"{count} wrong templates are refused at the right resource", "\n".join(wrong))


def main():
    global arguments
    parser = argparse.ArgumentParser()
    parser.add_argument("--input")
    parser.add_argument("--verbose", action="store_true")
    arguments = parser.parse_args()
    if not CORPUS.is_dir():
        tap.skip("the translator's own tests", f"{CORPUS} is not there")
        tap.main()
    tap.main(*[lambda p=p: check_partition(p) for p in PARTITIONS], check_errors)


main()
