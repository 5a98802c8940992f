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

MOST = 2 ** 53 - 1


def long(start, length):
    return start + "x" * (length - len(start))


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
    "packages": [{}, {"packages": ["numpy==2.1.3"]}, {"packages": [f"package-{i}==1.{i}" for i in range(100)]}],
    "key": [{}, {"logs": {"kms_key": f"arn:aws:kms:{R}:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"}}],
    "alarms": [{}, {"alarms": {"enabled": True}}, {"alarms": {"topic": long(f"arn:aws:sns:{R}:{ACCOUNT}:", 256)}}],
    "floor": [{}, {"sandbox": {"floor": "full"}}],
    "invokers": [{}, {"invokers": [f"arn:aws:iam::{ACCOUNT}:role/app"]},
                 {"invokers": [f"arn:aws:iam::{444455556666 + i}:user/path/{i}" for i in range(50)]}],
    "boundary": [{}, {"permissions_boundary": long(f"arn:aws:iam::{ACCOUNT}:policy/team/", 160)}],
    "tags": [{}, {"tags": {"Name": "mine", "on": "yes"}}, {"tags": {f"tag {i}": "v" * 256 for i in range(45)}}],
    "deploy": [{}, {"deploy": {"repository": "a/b", "repository_id": 1, "owner_id": MOST, "branch": "m", "environment": "e"}},
               {"deploy": {"repository": f"{'o' * 39}/{'r' * 100}", "repository_id": MOST, "owner_id": 1, "account": ACCOUNT, "gate": True}},
               {"deploy": {"gate": True, "branch": long("release/1.x-", 200), "environment": long("prod eu ", 100)}}],
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


def values_of(specification, path):
    for step in path.split("."):
        specification = specification.get(step, {}) if isinstance(specification, dict) else {}
    return [] if specification == {} else [specification]


def keys_of(properties, prefix=""):
    for name, row in properties.items():
        if "properties" in row:
            yield from keys_of(row["properties"], f"{prefix}{name}.")
        else:
            yield prefix + name, row


# Bounds that no row is at, each for a reason.
NOT_REACHED = {
    "region": "a region is a name of AWS's", "logs.kms_key": "the ARN of a key ends in an id of AWS's", "network.cidr": "both sizes are there, /16 and /28",
    "permissions_boundary": "IAM's own limit, a name of 128 characters, comes first", "deploy.repository": "39 + 1 + 100 are all that GitHub has",
}


def every_bound():
    """A key that a specification can have, or an end of its range, that no row below has, is a failure."""
    rows = [spec for _, spec in specs()] + [TWENTY]
    rows += [overlay for spec in rows for overlay in spec.get("environments", {}).values()]
    schema, missing = bench.run(bench.SANDBOXGEN, "schema").json(), []
    for path, row in keys_of(schema["properties"]):
        have = [value for spec in rows for value in values_of(spec, path)]
        sizes = {len(value) for value in have if isinstance(value, (str, list, dict))}
        if "enum" in row:
            wanted = {row["enum"][0], row["enum"][-1]} - {row["default"]}
            missing += [f"{path}: {value}" for value in wanted if value not in have]
        for bound in ("minimum", "maximum"):
            if bound in row and row[bound] not in have:
                missing.append(f"{path}: {bound} {row[bound]}")
        for bound in ("minLength", "maxLength", "maxItems", "maxProperties"):
            optional = bound == "minLength" and (row["default"] is None or path == "deploy.account")
            if bound in row and row[bound] not in sizes and not optional and path not in NOT_REACHED:
                missing.append(f"{path}: {bound} {row[bound]}")
        if "const" not in row and not have:
            missing.append(f"{path}: not there at all")
    tap.same(missing, [], f"the {len(list(keys_of(schema['properties'])))} keys of the schema are in the rows, at both ends")


# As many environments as there can be: only read, since each of the checks below takes seconds for a template.
TWENTY = {"environments": {long(f"e{i}", 32) if i % 2 else f"e{i}": {"name": f"n{i}", "stack": f"s{i}"} for i in range(20)}}


def twenty_environments():
    place = bench.render(json.dumps(TWENTY) + "\n", bench.scratch() / "twenty")
    tap.same(len(list(place.glob("template*.yaml"))), 21, "twenty environments have a template each")
    wrong = check_audit(place)
    tap.ok(wrong is None, "each passes", wrong)
    check_config("twenty", place, TWENTY)


def with_lock(spec, place):
    """requirements.lock, which a specification with packages needs."""
    if spec.get("packages"):
        place.mkdir(parents=True, exist_ok=True)
        (place / "requirements.lock").write_text("".join(f"{name} --hash=sha256:{'0' * 64}\n" for name in spec["packages"]))
    return place


def check_bytes(name, place):
    files = {path.relative_to(place): path.read_bytes() for path in place.rglob("*") if path.is_file()}
    again = place.parent / f"{name}-again"
    if (place / "requirements.lock").exists():
        again.mkdir()
        (again / "requirements.lock").write_bytes((place / "requirements.lock").read_bytes())
    bench.render((place / "sandbox.yaml").read_text(), again)
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
        place = bench.render(json.dumps(spec, ensure_ascii=False) + "\n", with_lock(spec, base / name))
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
    tap.main(every_bound, twenty_environments, every_pair)
