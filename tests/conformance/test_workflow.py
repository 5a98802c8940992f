"""Acceptance: the shell steps of the rendered deploy.yml, in their order, in a clean directory, against an emulator on 127.0.0.1;
and that the gates stop what they are for: a template made bad between build and deploy, an artifact whose digest differs, a
template that CloudFormation has processed into another.

Every `run` step is carried out, also the one that fetches sandboxgen, from a server on 127.0.0.1; what `uses` an action is replaced
by its effect: the checkout is the rendered set, the artifact is a file that is copied, sam is the one of get-tools.
"""
import functools
import http.server
import json
import os
import pathlib
import re
import shutil
import ssl
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).parent / "lib"))
import bench
import loopback
import tap

R, A = bench.REGION, "111122223333"
STACK = "secure-python-executor-stack"
SPEC = {"deploy": {"repository": "acme/sandbox", "account": A, "gate": True},
        "environments": {"prod": {"memory": 512, "stack": "prod-stack", "name": "prod-executor"}}}


CERTIFICATE = """
import datetime, ipaddress, sys
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
now = datetime.datetime.now(datetime.timezone.utc)
made = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - datetime.timedelta(1)).not_valid_after(now + datetime.timedelta(1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), False)
        .add_extension(x509.BasicConstraints(True, None), True).sign(key, hashes.SHA256()))
with open(sys.argv[1], "wb") as out:
    out.write(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    out.write(made.public_bytes(serialization.Encoding.PEM))
"""


class Releases:
    """A release of sandboxgen, on https://localhost; `checksum` is what the repository says of it."""

    def __init__(self):
        self.home = bench.scratch()
        top = self.home / "sandboxgen-1"
        top.mkdir()
        shutil.copy(bench.SANDBOXGEN, top / "sandboxgen")
        shutil.copy(bench.BOOTSTRAP, top / "bootstrap")
        bench.run("tar", "-czf", self.home / "sandboxgen-1.tar.gz", "-C", self.home, "sandboxgen-1")
        self.checksum = bench.run("sha256sum", "sandboxgen-1.tar.gz", cwd=self.home).out
        self.certificate = self.home / "localhost.pem"
        bench.run(bench.venv("EMULATORS", "python"), "-c", CERTIFICATE, self.certificate)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate)
        self.server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0), functools.partial(http.server.SimpleHTTPRequestHandler, directory=self.home))
        self.server.RequestHandlerClass.func.log_message = lambda *_: None
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"https://localhost:{self.server.server_port}"


class Runner:
    """What a runner of GitHub is to a step: its files, its expressions, bash -eo pipefail."""

    def __init__(self, workflow, env, releases=None):
        result = bench.run(bench.venv("LINT", "python"), "-c", "import json, sys, yaml; "
                           "json.dump(yaml.safe_load(open(sys.argv[1])), sys.stdout)", workflow)
        self.jobs, self.env, self.ran = result.json()["jobs"], dict(env), []
        self.values = {"vars.AWS_ACCOUNT_ID": A, "github.run_id": "1", "vars.SANDBOXGEN_RELEASES": releases.url if releases else ""}
        if releases:
            self.env["CURL_CA_BUNDLE"] = str(releases.certificate)

    def value(self, text, steps, needs):
        def of(match):
            path = match[1].split(".")
            if path[0] == "steps":
                return steps.get(path[1], {}).get(path[3], "")
            if path[0] == "needs":
                return needs[path[1]][path[3]]
            return self.values[match[1]]
        return re.sub(r"\$\{\{ *([^}]+?) *\}\}", of, str(text))

    def run_job(self, name, place, needs=None, before=None):
        """(None, outputs) where all steps went well, else (the step that failed with what it said, outputs)."""
        job, steps, files = self.jobs[name], {}, bench.scratch()
        env = {**self.env, "RUNNER_TEMP": str(files), "GITHUB_PATH": str(files / "path")}
        for step in job["steps"]:
            if "run" not in step:
                continue
            if "if" in step and not self.value("${{ " + step["if"].split(" ")[0] + " }}", steps, needs or {}):
                continue
            if before and step["name"] in before:
                before[step["name"]](place)
            (files / "output").write_text("")
            more = {"GITHUB_OUTPUT": str(files / "output")}
            for source in (job.get("env", {}), step.get("env", {})):
                more.update({key: self.value(text, steps, needs or {}) for key, text in source.items()})
            result = bench.run("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"], cwd=place, env={**env, **more})
            self.ran.append(step["name"])
            if (files / "path").exists():
                env["PATH"] = ":".join([*(files / "path").read_text().split(), self.env["PATH"]])
            if "id" in step:
                lines = [line.split("=", 1) for line in (files / "output").read_text().splitlines() if "=" in line]
                steps[step["id"]] = dict(lines)
            if result.status != 0:
                return f"{step['name']}\n{result}", steps
        return None, steps


class Cloud:
    def __init__(self):
        self.home = bench.scratch()
        port = loopback.free_port()
        tools = bench.scratch()
        os.symlink(bench.venv("SAM", "sam"), tools / "sam")
        env = bench.clean_env(HOME=self.home, TMPDIR=self.home)
        argv = [bench.venv("EMULATORS", "python"), "-B", bench.HERE / "drivers" / "moto_server.py", str(port)]
        self.server = loopback.Server(argv, port, env, self.home / "server.log", cwd=self.home).wait_ready()
        self.env = bench.clean_env(HOME=self.home, TMPDIR=self.home, AWS_ENDPOINT_URL=f"http://localhost:{port}",
                                   PATH=f"{tools}:/usr/local/bin:/usr/bin:/bin")
        # Debian's AWS CLI does not read AWS_ENDPOINT_URL
        (tools / "aws").write_text(f'#!/bin/sh\nexec {bench.tool("AWS")} --endpoint-url "$AWS_ENDPOINT_URL" "$@"\n')
        (tools / "aws").chmod(0o755)

    def make_buckets(self, place):
        """Those of the bootstrap stacks, by the names that the workflow has for them."""
        text = (place / ".github" / "workflows" / "deploy.yml").read_text()
        for name in set(re.findall(r"ARTIFACTS: (sandboxgen-[a-z0-9-]+)", text)):
            self.aws("s3api", "create-bucket", "--bucket", name, "--create-bucket-configuration", f"LocationConstraint={R}")

    def aws(self, *arguments):
        result = bench.run("aws", *arguments, "--output", "json", env=self.env, cwd=self.home)
        return json.loads(result.out) if result.status == 0 and result.out.strip() else {}

    def stacks(self):
        return {row["StackName"]: row["StackStatus"] for row in self.aws("cloudformation", "describe-stacks").get("Stacks", [])}


def clean_set(name, releases, spec=None):
    place = bench.render(json.dumps(SPEC if spec is None else spec) + "\n", bench.scratch() / name)
    (place / "sandboxgen.sha256").write_text(releases.checksum)
    return place


def checked(cloud, releases, place, before=None, workflow=None):
    runner = Runner(workflow or place / ".github" / "workflows" / "deploy.yml", cloud.env, releases)
    wrong, steps = runner.run_job("check", place, before=before)
    return runner, wrong, {"check": {"digest": steps.get("pack", {}).get("digest", ""), "artifact": "1"}}, steps


def alerts(steps, name="default"):
    """The rules that the report has something to say about; None where there is no report."""
    path = pathlib.Path(steps.get("sarif", {}).get("directory", "/nonexistent")) / f"{name}.sarif"
    rows = json.loads(path.read_text())["runs"][0]["results"] if path.exists() else None
    return rows if rows is None else [row["ruleId"] for row in rows if row.get("kind", "fail") == "fail"]


def moved(place):
    """The artifact in the empty directory of another machine."""
    there = bench.scratch() / "runner"
    there.mkdir()
    shutil.copy(place / "deployment.tar", there)
    return there


def from_the_commit_to_the_stack():
    cloud, releases = Cloud(), Releases()
    place = clean_set("good", releases)
    cloud.make_buckets(place)
    runner, wrong, needs, steps = checked(cloud, releases, place)
    if not tap.ok(wrong is None and len(needs["check"]["digest"]) == 64, "the check job, with no credentials used", wrong):
        return
    tap.same(runner.ran, [step["name"] for step in runner.jobs["check"]["steps"] if "run" in step], "each of its run steps was run, in order")
    tap.ok(alerts(steps) == [] and alerts(steps, "prod") == [], "the report of each environment is there, without alerts", steps)
    there = moved(place)
    wrong, steps = runner.run_job("deploy", there, needs)
    tap.ok(wrong is None and steps["change"]["arn"].startswith("arn:aws:cloudformation:"), "the deploy job, gate and all", wrong)
    tap.ok(cloud.stacks().get(STACK, "").endswith("_COMPLETE"), "the stack is there", cloud.stacks())
    there = moved(place)
    wrong, _ = runner.run_job("deploy-prod", there, needs)
    tap.ok(wrong is None and cloud.stacks().get("prod-stack", "").endswith("_COMPLETE"), "the environment's job deploys its own", wrong)
    got = cloud.aws("lambda", "get-function-configuration", "--function-name", "prod-executor")
    tap.same(got.get("MemorySize"), 512, "with the overlay's memory")
    there = moved(place)
    with open(there / "deployment.tar", "ab") as tar:
        tar.write(b"\0" * 512)
    wrong, _ = runner.run_job("deploy", there, needs)
    tap.ok(wrong and wrong.startswith("Is it what was audited?"), "an artifact whose digest differs is refused", wrong)

    before = cloud.aws("cloudformation", "describe-stacks", "--stack-name", STACK)["Stacks"][0].get("LastUpdatedTime")
    wrong, _ = runner.run_job("deploy", moved(place), needs, before={"Make the change set": opened})
    tap.ok(wrong and wrong.startswith("Audit what CloudFormation has processed") and "NET004" in wrong,
           "what is made bad after the digest was taken stops at the last gate", wrong)
    after = cloud.aws("cloudformation", "describe-stacks", "--stack-name", STACK)["Stacks"][0].get("LastUpdatedTime")
    tap.same(after, before, "and was not carried out")
    cloud.server.stop()


def opened(directory):
    """sandbox.yaml's own template, with DNS on, wherever it lies."""
    for path in (*directory.glob("template.yaml"), *(directory / ".aws-sam").rglob("template.yaml")):
        path.write_text(path.read_text().replace("EnableDnsSupport: false", "EnableDnsSupport: true"))


def the_first_gate():
    cloud, releases = Cloud(), Releases()
    place = clean_set("bad", releases)
    opened(place)
    _, wrong, _, steps = checked(cloud, releases, place)
    tap.ok(wrong and wrong.startswith("Are the files what sandbox.yaml says?"), "an edited template stops at the first gate", wrong)
    tap.same(alerts(steps), ["NET004"], "and its report has been made all the same")
    _, wrong, _, _ = checked(cloud, releases, clean_set("worse", releases, {}), before={"Audit what was built": opened})
    tap.ok(wrong and wrong.startswith("Audit what was built") and "NET004" in wrong, "a build that opens the sandbox is not handed on", wrong)

    def in_prod(directory):
        for path in (directory / ".aws-sam" / "environments").rglob("template.yaml"):
            path.write_text(path.read_text().replace("EnableDnsSupport: false", "EnableDnsSupport: true"))
    place = clean_set("prod", releases, {"environments": {"prod": {"memory": 512}}})
    text, workflow = (place / ".github" / "workflows" / "deploy.yml").read_text(), bench.scratch() / "split.yml"
    audit = '          sandboxgen audit --no-inline --spec sandbox.yaml --config-env "$ENVIRONMENT" "$BUILD/template.yaml"\n'
    split = text.replace(audit, f"        env:\n          ENVIRONMENT: prod\n          BUILD: .aws-sam/environments/prod\n"
                                f"      - name: Audit prod\n        run: |\n{audit}")
    workflow.write_text(split)
    _, wrong, _, _ = checked(cloud, releases, place, before={"Audit prod": in_prod}, workflow=workflow)
    tap.ok(split != text and wrong and wrong.startswith("Audit prod") and "NET004" in wrong, "nor one of an environment", wrong)
    cloud.server.stop()


def the_release():
    """The program is the one whose checksum was committed, or none."""
    cloud, releases = Cloud(), Releases()
    place = clean_set("release", releases, {})
    with open(releases.home / "sandboxgen-1.tar.gz", "ab") as archive:
        archive.write(b"\0")
    _, wrong, _, _ = checked(cloud, releases, place)
    tap.ok(wrong and wrong.startswith("Install sandboxgen") and "FAILED" in wrong, "another archive than the committed one is refused", wrong)
    (place / "sandboxgen.sha256").unlink()
    _, wrong, _, _ = checked(cloud, releases, place)
    tap.ok(wrong and "::error::commit sandboxgen.sha256" in wrong, "without a checksum it says what to commit", wrong)
    cloud.server.stop()


if __name__ == "__main__":
    tap.main(from_the_commit_to_the_stack, the_first_gate, the_release)
