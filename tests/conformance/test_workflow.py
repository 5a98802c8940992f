"""Acceptance: the shell steps of the rendered deploy.yml, in their order, in a clean directory, against an emulator on 127.0.0.1;
and that the gates stop what they are for: a template made bad between build and deploy, an artifact whose digest differs, a
template that CloudFormation has processed into another.

Only `run` steps are carried out; what `uses` an action is replaced by its effect: the checkout is the rendered set, the artifact
is a file that is copied, the tools are those of get-tools.
"""
import json
import os
import pathlib
import re
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "lib"))
import bench
import loopback
import tap

R, A = bench.REGION, "111122223333"
STACK = "secure-python-executor-stack"
SPEC = {"deploy": {"repository": "acme/sandbox", "account": A, "gate": True},
        "environments": {"prod": {"memory": 512, "stack": "prod-stack", "name": "prod-executor"}}}


class Runner:
    """What a runner of GitHub is to a step: its files, its expressions, bash -eo pipefail."""

    def __init__(self, workflow, env):
        result = bench.run(bench.venv("LINT", "python"), "-c", "import json, sys, yaml; "
                           "json.dump(yaml.safe_load(open(sys.argv[1])), sys.stdout)", workflow)
        self.jobs, self.env, self.outputs = result.json()["jobs"], env, {}

    def value(self, text, steps, needs):
        def of(match):
            path = match[1].split(".")
            if path[0] == "steps":
                return steps.get(path[1], {}).get(path[3], "")
            if path[0] == "needs":
                return needs[path[1]][path[3]]
            return {"vars.AWS_ACCOUNT_ID": A, "github.run_id": "1"}.get(match[1], "")
        return re.sub(r"\$\{\{ *([^}]+?) *\}\}", of, str(text))

    def run_job(self, name, place, needs=None, skip=(), before=None):
        """(None, outputs) where all steps went well, else (the step that failed with what it said, outputs)."""
        job, steps = self.jobs[name], {}
        for step in job["steps"]:
            if "run" not in step or step["name"] in skip:
                continue
            if "if" in step and not self.value("${{ " + step["if"].split(" ")[0] + " }}", steps, needs or {}):
                continue
            if before and step["name"] in before:
                before[step["name"]](place)
            output = bench.scratch() / "output"
            output.touch()
            env = {**self.env, "GITHUB_OUTPUT": str(output), "RUNNER_TEMP": str(bench.scratch())}
            for source in (job.get("env", {}), step.get("env", {})):
                env.update({key: self.value(text, steps, needs or {}) for key, text in source.items()})
            result = bench.run("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"], cwd=place, env=env)
            if result.status != 0:
                return f"{step['name']}\n{result}", steps
            if "id" in step:
                lines = [line.split("=", 1) for line in output.read_text().splitlines() if "=" in line]
                steps[step["id"]] = dict(lines)
        return None, steps


class Cloud:
    def __init__(self):
        self.home = bench.scratch()
        port = loopback.free_port()
        tools = bench.scratch()
        for name, program in (("sandboxgen", bench.SANDBOXGEN), ("bootstrap", bench.BOOTSTRAP), ("sam", bench.venv("SAM", "sam")),
                              ("aws", bench.tool("AWS"))):
            os.symlink(program, tools / name)
        env = bench.clean_env(HOME=self.home, TMPDIR=self.home)
        argv = [bench.venv("EMULATORS", "python"), "-B", bench.HERE / "drivers" / "moto_server.py", str(port)]
        self.server = loopback.Server(argv, port, env, self.home / "server.log", cwd=self.home).wait_ready()
        self.env = bench.clean_env(HOME=self.home, TMPDIR=self.home, AWS_ENDPOINT_URL=f"http://localhost:{port}", PATH=f"{tools}:/usr/local/bin:/usr/bin:/bin",
                                   SANDBOXGEN_BOOTSTRAP=bench.BOOTSTRAP)
        # Debian's AWS CLI does not read AWS_ENDPOINT_URL
        os.unlink(tools / "aws")
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


def clean_set(name, spec=None):
    return bench.render(json.dumps(SPEC if spec is None else spec) + "\n", bench.scratch() / name)


NO_RELEASE = ("Install sandboxgen",)  # from a release; here it is on the PATH


def checked(cloud, place):
    runner = Runner(place / ".github" / "workflows" / "deploy.yml", cloud.env)
    wrong, steps = runner.run_job("check", place, skip=NO_RELEASE)
    return runner, wrong, {"check": {"digest": steps.get("pack", {}).get("digest", ""), "artifact": "1"}}


def moved(place):
    """The artifact in the empty directory of another machine."""
    there = bench.scratch() / "runner"
    there.mkdir()
    shutil.copy(place / "deployment.tar", there)
    return there


def from_the_commit_to_the_stack():
    cloud = Cloud()
    place = clean_set("good")
    cloud.make_buckets(place)
    runner, wrong, needs = checked(cloud, place)
    if not tap.ok(wrong is None and len(needs["check"]["digest"]) == 64, "the check job, with no credentials used", wrong):
        return
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

    def worse(directory):
        for path in (directory / ".aws-sam").rglob("template.yaml"):
            path.write_text(path.read_text().replace("EnableDnsSupport: false", "EnableDnsSupport: true"))
    before = cloud.aws("cloudformation", "describe-stacks", "--stack-name", STACK)["Stacks"][0].get("LastUpdatedTime")
    wrong, _ = runner.run_job("deploy", moved(place), needs, before={"Make the change set": worse})
    tap.ok(wrong and wrong.startswith("Audit what CloudFormation has processed") and "NET004" in wrong,
           "what is made bad after the digest was taken stops at the last gate", wrong)
    after = cloud.aws("cloudformation", "describe-stacks", "--stack-name", STACK)["Stacks"][0].get("LastUpdatedTime")
    tap.same(after, before, "and was not carried out")
    cloud.server.stop()


def the_first_gate():
    cloud = Cloud()
    place = clean_set("bad")
    path = place / "template.yaml"
    path.write_text(path.read_text().replace("EnableDnsSupport: false", "EnableDnsSupport: true"))
    _, wrong, _ = checked(cloud, place)
    tap.ok(wrong and wrong.startswith("Are the files what sandbox.yaml says?"), "an edited template stops at the first step", wrong)

    def worse(directory):
        for built in (directory / ".aws-sam").rglob("template.yaml"):
            built.write_text(built.read_text().replace("EnableDnsSupport: false", "EnableDnsSupport: true"))
    place = clean_set("worse", {})
    runner = Runner(place / ".github" / "workflows" / "deploy.yml", cloud.env)
    wrong, _ = runner.run_job("check", place, skip=NO_RELEASE, before={"Audit what was built": worse})
    tap.ok(wrong and wrong.startswith("Audit what was built") and "NET004" in wrong, "a build that opens the sandbox is not handed on", wrong)
    cloud.server.stop()


if __name__ == "__main__":
    tap.main(from_the_commit_to_the_stack, the_first_gate)
