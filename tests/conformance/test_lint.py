"""Acceptance: the tools that a reviewer would run find nothing in what `sandboxgen render` writes."""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "lib"))
import bench
import tap

# checkov's findings that the rendered template skips, each with the reason written beside it in the template.
# README.md in this folder lists the same ones.
CHECKOV_SKIPS = {
    "CKV_AWS_115": "no reserved concurrency by default: an account with the starting quota refuses any reservation",
    "CKV_AWS_116": "no dead-letter queue: calls are synchronous, retries are 0",
    "CKV_AWS_158": "the log group has CloudWatch's own key unless the spec names one",
    "CKV_AWS_173": "the environment holds one path, no secret",
    "CKV2_AWS_12": "the default security group is closed by a resource of its own",
}


def sam(name, place):
    env = bench.clean_env(HOME=place, TMPDIR=place)
    result = bench.run(bench.venv("SAM", "sam"), "validate", "-t", "template.yaml", cwd=place, env=env)
    tap.ok(result.status == 0, f"{name}: sam validate", result)
    result = bench.run(bench.venv("SAM", "sam"), "validate", "--lint", "-t", "template.yaml", cwd=place, env=env)
    tap.ok(result.status == 0, f"{name}: sam validate --lint", result)


def cfn_lint(name, place, cloudformation):
    for what, path in (("template", place / "template.yaml"), ("translated template", cloudformation)):
        result = bench.run(bench.venv("LINT", "cfn-lint"), "-c", "I", "-r", "ap-south-1", "us-east-1", "eu-west-1", "--", path)
        tap.ok(result.status == 0 and not result.out.strip(), f"{name}: cfn-lint on the {what}", result)


def checkov(name, what, framework, path):
    result = bench.run(bench.venv("CHECKOV", "checkov"), "-f", path, "--framework", framework, "--skip-download", "-o", "json",
                       env=bench.clean_env(HOME=path.parent))
    try:
        report = result.json()
    except json.JSONDecodeError:
        tap.ok(False, f"{name}: checkov on the {what}", result)
        return
    if "results" not in report:
        tap.ok(False, f"{name}: checkov found something to look at in the {what}", result)
        return
    failed = [f"{row['check_id']} {row['resource']}" for row in report["results"]["failed_checks"]]
    passed = report["summary"]["passed"]
    tap.ok(not failed and passed > 0 and not report["summary"]["parsing_errors"],
           f"{name}: checkov on the {what}: nothing but documented skips", "\n".join(failed) or result)
    skipped = {row["check_id"] for row in report["results"]["skipped_checks"]}
    tap.ok(skipped <= set(CHECKOV_SKIPS), f"{name}: checkov's skips on the {what} are the documented ones",
           sorted(skipped - set(CHECKOV_SKIPS)))


def workflows(name, paths):
    if not tap.ok(paths, f"{name}: there is a workflow"):
        return
    result = bench.run(bench.tool("ACTIONLINT"), "-no-color", *paths,
                       env=bench.clean_env(PATH=f"{pathlib.Path(bench.tool('SHELLCHECK')).parent}:/usr/bin:/bin"))
    tap.ok(result.status == 0 and not result.out.strip(), f"{name}: actionlint", result)
    result = bench.run(bench.venv("LINT", "zizmor"), "--offline", "--persona", "auditor", "--no-progress", "--format", "json", *paths)
    tap.ok(result.status == 0 and result.out.strip() == "[]", f"{name}: zizmor --persona auditor", result)


def rendered():
    for name, place in bench.rendered_sets():
        sam(name, place)
        translated = bench.driver("LINT", "translate.py", place / "template.yaml")
        if tap.ok(translated.status == 0, f"{name}: AWS's SAM translator takes the template", translated):
            cloudformation = place / "cloudformation.json"
            cloudformation.write_text(translated.out)
            cfn_lint(name, place, cloudformation)
            checkov(name, "translated template", "cloudformation", cloudformation)
        checkov(name, "template", "cloudformation", place / "template.yaml")
        paths = sorted((place / ".github" / "workflows").glob("*.yml"))
        workflows(name, paths)
        for path in paths:
            checkov(name, path.name, "github_actions", path)


NAIVE_TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  Runner:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.12
      Handler: a.b
      CodeUri: src/
      Timeout: 901
"""
NAIVE_WORKFLOW = """\
on: push
jobs:
  deploy:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v4
      - run: echo "${{ github.event.head_commit.message }}"
"""


def the_tools_do_judge():
    """Each tool, as it is asked above, finds fault with what a hurried person writes."""
    place = bench.scratch()
    (place / "template.yaml").write_text(NAIVE_TEMPLATE)
    (place / "deploy.yml").write_text(NAIVE_WORKFLOW)
    translated = bench.driver("LINT", "translate.py", place / "template.yaml")
    (place / "cloudformation.json").write_text(translated.out)
    checkov_report = ("-f", "cloudformation.json", "--framework", "cloudformation", "--skip-download", "--compact", "--quiet")
    for name, argv in (
            ("cfn-lint on the translated template", (bench.venv("LINT", "cfn-lint"), "-c", "I", "--", "cloudformation.json")),
            ("checkov", (bench.venv("CHECKOV", "checkov"), *checkov_report)),
            ("actionlint", (bench.tool("ACTIONLINT"), "deploy.yml")),
            ("zizmor", (bench.venv("LINT", "zizmor"), "--offline", "--persona", "auditor", "--no-progress", "deploy.yml"))):
        result = bench.run(*argv, cwd=place, env=bench.clean_env(HOME=place))
        tap.ok(result.status not in (0, 127), f"a naive file is no good to {name}", result)


def own_workflows():
    workflows("this repository", sorted((bench.TOP / ".github" / "workflows").glob("*.yml")))


def own_scripts():
    scripts = [bench.TOP / path for path in (
        "quickstart", "run-tests", ".ci/run", "tools/prepare.sh", "tools/hook", "tools/action", "tests/conformance/get-tools", "tests/aws/smoke")]
    result = bench.run(bench.tool("SHELLCHECK"), "-x", "-P", bench.TOP, "-S", "warning", "-s", "bash", *scripts)
    tap.ok(result.status == 0, "this repository: shellcheck on the scripts", result)


if __name__ == "__main__":
    tap.main(rendered, the_tools_do_judge, own_workflows, own_scripts)
