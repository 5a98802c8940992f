"""Acceptance: every pair of values of the specification's keys, their bounds among them, renders to what the audit, sam,
cfn-lint, checkov, actionlint and zizmor accept, twice to the same bytes; and each environment's section of samconfig.toml is
what sam-cli reads.
"""
import copy
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "lib"))
import bench
import pairwise
import tap
from test_lint import CHECKOV_SKIPS

R, ACCOUNT = bench.REGION, "111122223333"
CHECKOV_SKIPS_HERE = {**CHECKOV_SKIPS, "CKV_AWS_18": "the artifact bucket is used by two roles alone"}
ENVIRONMENTS = {
    "prod": {"stack": "prod-stack", "region": "eu-west-1", "memory": 1024, "concurrency": 100, "logs": {"kms_key": None},
             "alarms": {"topic": None}, "deploy": {"account": "444455556666", "branch": "release"}},
    "Test1": {"network": {"flow_logs": True}, "tags": {"stage": "test"}, "name": "tested"},
}

# Values of each key, its bounds among them; {} leaves it to its default.
FACTORS = {
    "name": [{}, {"name": "a" * 64, "stack": "S" + "a" * 127}, {"name": "_", "stack": "b"}],
    "python": [{}, {"python": "3.13"}],
    "size": [{"memory": 128, "timeout": 1}, {"memory": 10240, "timeout": 900}],
    "network": [{}, {"network": {"cidr": "10.0.0.0/16", "zones": 4}}, {"network": {"cidr": "192.168.255.240/28", "zones": 1}}],
    "flow": [{}, {"network": {"flow_logs": True}}],
    "concurrency": [{}, {"concurrency": 0}, {"concurrency": 100000}],
    "tenancy": [{}, {"tenancy": "per-tenant"}],
    "retention": [{"logs": {"retention": 1}}, {"logs": {"retention": 3653}}],
    "key": [{}, {"logs": {"kms_key": f"arn:aws:kms:{R}:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"}}],
    "alarms": [{}, {"alarms": {"enabled": True}}, {"alarms": {"topic": f"arn:aws:sns:{R}:{ACCOUNT}:on-call"}}],
    "floor": [{}, {"sandbox": {"floor": "full"}}],
    "invokers": [{}, {"invokers": [f"arn:aws:iam::{ACCOUNT}:role/app"]},
                 {"invokers": [f"arn:aws:iam::{444455556666 + i}:user/path/{i}" for i in range(50)]}],
    "boundary": [{}, {"permissions_boundary": f"arn:aws:iam::{ACCOUNT}:policy/team/boundary"}],
    "tags": [{}, {"tags": {"Name": "mine", "on": "yes"}}, {"tags": {f"tag {i}": "v" * 256 for i in range(45)}}],
    "deploy": [{}, {"deploy": {"repository": "acme/sandbox"}},
               {"deploy": {"repository": "acme/sandbox", "repository_id": 7, "owner_id": 8, "account": ACCOUNT, "gate": True}},
               {"deploy": {"gate": True, "branch": "release/1.x", "environment": "prod eu"}}],
    "environments": [{}, {"environments": ENVIRONMENTS}],
}


def merge(into, more):
    for key, value in more.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict) and key != "tags":
            merge(into[key], value)
        else:
            into[key] = copy.deepcopy(value)


def specs():
    for number, row in enumerate(pairwise.combinations(FACTORS), 1):
        spec = {}
        for name, value in row.items():
            merge(spec, FACTORS[name][value])
        if "environments" in spec and "invokers" in spec:
            spec["environments"]["prod"].setdefault("invokers", [])
        yield f"{number:02}", spec


def check_bytes(name, place):
    files = {path.relative_to(place): path.read_bytes() for path in place.rglob("*") if path.is_file()}
    again = bench.render((place / "sandbox.yaml").read_text(), place.parent / f"{name}-again")
    others = {path.relative_to(again): path.read_bytes() for path in again.rglob("*") if path.is_file()}
    return files == others


def check_audit(place):
    """Each template as anybody would audit it, and as the workflow does."""
    for template in sorted(place.glob("template*.yaml")):
        environment = template.name.split(".")[1] if template.name.count(".") == 2 else "default"
        spec = ("--spec", "sandbox.yaml", "--config-env", environment)
        for arguments in (spec, (*spec, "--no-inline")):
            result = bench.run(bench.SANDBOXGEN, "audit", *arguments, template.name, cwd=place)
            if result.status != 0:
                return result
    return None


def check_default_bounds(place, spec):
    """Within the default bounds nothing has to be said to the audit."""
    if spec.get("memory", 256) > 256 or spec.get("timeout", 30) > 30 or "environments" in spec:
        return None
    result = bench.run(bench.SANDBOXGEN, "audit", cwd=place)
    return None if result.status == 0 else result


def check_config(name, place, spec):
    names = ["default", *spec.get("environments", {})]
    result = bench.driver("SAM", "sam_config.py", place, *names, env=bench.clean_env(HOME=place))
    if not tap.ok(result.status == 0, f"{name}: sam-cli reads samconfig.toml", result):
        return
    for environment, read in result.json().items():
        over = {**spec, **spec.get("environments", {}).get(environment, {})}
        dot = "" if environment == "default" else f".{environment}"
        wanted = {"stack_name": over.get("stack", "secure-python-executor-stack"), "region": over.get("region", R)}
        good = all(str(read["deploy"].get(key)) == value for key, value in wanted.items())
        good = good and read["validate"]["lint"] is True and read["deploy"]["capabilities"] == "CAPABILITY_IAM"
        good = good and (not dot or read["build"]["template_file"] == read["validate"]["template_file"] == f"template{dot}.yaml")
        deploy = {**spec.get("deploy", {}), **spec.get("environments", {}).get(environment, {}).get("deploy", {})}
        own = "repository" in deploy and "account" in deploy
        good = good and (("s3_bucket" in read["deploy"] and deploy["account"] in read["deploy"]["role_arn"]) if own
                         else read["deploy"].get("resolve_s3") is True)
        tap.ok(good, f"{name}: the section of {environment} is what sam-cli reads", f"{read}\n{wanted}")


def check_checkov(base):
    result = bench.run(bench.venv("CHECKOV", "checkov"), "-d", base, "--framework", "cloudformation", "github_actions",
                       "--skip-download", "-o", "json", env=bench.clean_env(HOME=base), timeout=1200)
    reports = result.json()
    for report in reports if isinstance(reports, list) else [reports]:
        failed = [f"{row['check_id']} {row['file_path']} {row['resource']}" for row in report["results"]["failed_checks"]]
        tap.ok(not failed and report["summary"]["passed"] > 0 and not report["summary"]["parsing_errors"],
               f"checkov, {report['check_type']}: nothing but documented skips", "\n".join(failed))
        skipped = {row["check_id"] for row in report["results"]["skipped_checks"]}
        tap.ok(skipped <= set(CHECKOV_SKIPS_HERE), "checkov's skips are the documented ones", skipped)


def check_workflows(base):
    paths = sorted(base.glob("*/.github/workflows/deploy.yml"))
    result = bench.run(bench.tool("ACTIONLINT"), "-no-color", *paths,
                       env=bench.clean_env(PATH=f"{pathlib.Path(bench.tool('SHELLCHECK')).parent}:/usr/bin:/bin"))
    tap.ok(paths and result.status == 0 and not result.out.strip(), f"actionlint on {len(paths)} workflows", result)
    result = bench.run(bench.venv("LINT", "zizmor"), "--offline", "--persona", "auditor", "--no-progress", "--format", "json", *paths)
    tap.ok(result.status == 0 and result.out.strip() == "[]", f"zizmor on {len(paths)} workflows", result)


def every_pair():
    base = bench.scratch() / "sets"
    translated, templates = [], []
    for name, spec in specs():
        place = bench.render(json.dumps(spec, ensure_ascii=False) + "\n", base / name)
        tap.ok(check_bytes(name, place), f"{name}: rendered twice, the same bytes")
        wrong = check_audit(place) or check_default_bounds(place, spec)
        tap.ok(wrong is None, f"{name}: the audit passes", wrong)
        check_config(name, place, spec)
        for template in sorted(place.glob("template*.yaml")):
            made = bench.driver("LINT", "translate.py", template)
            path = bench.scratch() / f"{name}-{template.stem}.json"
            path.write_text(made.out)
            tap.ok(made.status == 0, f"{name}: AWS's translator takes {template.name}", made)
            translated.append(path)
            templates.append(template)
    for again in base.glob("*-again"):
        for path in sorted(again.rglob("*"), reverse=True):
            path.unlink() if path.is_file() else path.rmdir()
        again.rmdir()
    tap.note(f"{len(templates)} templates")
    bootstraps = sorted(base.glob("*/bootstrap*.yaml"))
    for what, paths in (("translated templates", translated), ("templates", templates), ("bootstrap templates", bootstraps)):
        result = bench.run(bench.venv("LINT", "cfn-lint"), "-c", "I", "-r", R, "us-east-1", "--", *paths, timeout=1200)
        tap.ok(paths and result.status == 0 and not result.out.strip(), f"cfn-lint on {len(paths)} {what}", result)
    for template in templates:
        result = bench.run(bench.venv("SAM", "sam"), "validate", "--lint", "-t", template, cwd=template.parent,
                           env=bench.clean_env(HOME=base))
        tap.ok(result.status == 0, f"sam validate --lint {template.parent.name}/{template.name}", result)
    check_checkov(base)
    check_workflows(base)


if __name__ == "__main__":
    tap.main(every_pair)
