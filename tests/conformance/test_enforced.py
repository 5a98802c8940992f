"""Acceptance: the two roles of bootstrap.yaml, and nothing else, deploy, update and delete, as far as moto can tell: requests with the
deploy role's credentials, under moto's IAM enforcement (actions, and S3's resources); each change of the stack by the actions
that CloudFormation's handlers list, asked of the service role.  What sam-cli calls is recorded, and asked of iam-simulate with
resources and conditions.  README.md says what moto cannot do.
"""
import json
import pathlib
import sys
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).parent / "lib"))
import bench
import loopback
import tap
from roles import A, NOT_NEEDED, R, STACK, allowed, bucket, expect, rendered

WANTED = {"cloudformation:CreateChangeSet", "cloudformation:DeleteStack", "cloudformation:DescribeChangeSet", "cloudformation:DescribeStackEvents",
          "cloudformation:DescribeStacks", "cloudformation:ExecuteChangeSet", "s3:PutObject"}


class Cloud:
    """moto behind a proxy that writes down each call, with the two roles and the bucket in it."""

    def __init__(self, roles):
        self.home, self.roles = bench.scratch(), roles
        self.back, front = loopback.free_port(), loopback.free_port()
        env = bench.clean_env(HOME=self.home, TMPDIR=self.home, MOTO_ACCOUNT_ID=A)
        moto = [bench.venv("EMULATORS", "python"), "-B", bench.HERE / "drivers" / "moto_server.py", str(self.back), json.dumps(sorted(NOT_NEEDED)),
                self.home / "asked"]
        self.servers = [loopback.Server(moto, self.back, env, self.home / "moto.log", cwd=self.home).wait_ready()]
        proxy = [sys.executable, "-B", bench.HERE / "drivers" / "recording_proxy.py", str(front), str(self.back), A, self.home / "calls"]
        self.servers.append(loopback.Server(proxy, front, env, self.home / "proxy.log", cwd=self.home).wait_ready())
        self.env = bench.clean_env(HOME=self.home, TMPDIR=self.home, AWS_ENDPOINT_URL=f"http://localhost:{front}",
                                   PATH=f"{pathlib.Path(bench.SANDBOXGEN).parent}:/usr/local/bin:/usr/bin:/bin")
        self.aws("s3api", "create-bucket", "--bucket", bucket(), "--create-bucket-configuration", f"LocationConstraint={R}")
        for role in (roles["ServiceRole"], roles["DeployRole"]):
            self.make_role(role)

    def aws(self, *arguments):
        result = bench.run(bench.tool("AWS"), "--endpoint-url", f"http://localhost:{self.back}", "--output", "json", *arguments, env=self.env)
        if result.status != 0:
            raise RuntimeError(str(result))
        return json.loads(result.out) if result.out.strip() else {}

    def make_role(self, role):
        path, name = role["arn"].split(":role", 1)[1].rsplit("/", 1)
        self.aws("iam", "create-role", "--role-name", name, "--path", path + "/", "--assume-role-policy-document", json.dumps(role["trust"]))
        for policy, document in role["policies"].items():
            self.aws("iam", "put-role-policy", "--role-name", name, "--policy-name", policy, "--policy-document", json.dumps(document))

    def count_from(self, number):
        """moto lets this many requests pass unasked."""
        urllib.request.urlopen(urllib.request.Request(
            f"http://localhost:{self.back}/moto-api/reset-auth", number, {"Content-Type": "text/plain"})).close()

    def enforce(self):
        """From now on the deploy role is all that this deployment is."""
        made = self.aws("sts", "assume-role", "--role-arn", self.roles["DeployRole"]["arn"], "--role-session-name", "test")["Credentials"]
        self.env.update(AWS_ACCESS_KEY_ID=made["AccessKeyId"], AWS_SECRET_ACCESS_KEY=made["SecretAccessKey"], AWS_SESSION_TOKEN=made["SessionToken"])
        self.count_from(b"0")
        (self.home / "calls").write_text("")

    def change(self, role):
        """Gives a role other policies, and forgets the stack that could not be made."""
        self.count_from(b"inf")
        self.aws("cloudformation", "delete-stack", "--stack-name", STACK)
        for policy, document in role["policies"].items():
            self.aws("iam", "put-role-policy", "--role-name", role["arn"].rsplit("/", 1)[1], "--policy-name", policy,
                     "--policy-document", json.dumps(document))
        self.count_from(b"0")
        (self.home / "calls").write_text("")

    def sam(self, place, *arguments):
        return bench.run(bench.venv("SAM", "sam"), *arguments, cwd=place, env=self.env)

    def calls(self):
        return [json.loads(line) for line in (self.home / "calls").read_text().splitlines()]

    def asked(self):
        path = self.home / "asked"
        return {tuple(line.split()) for line in path.read_text().splitlines()} if path.exists() else set()

    def stop(self):
        for server in self.servers:
            server.stop()


def built():
    place, roles = rendered()
    result = bench.run(bench.venv("SAM", "sam"), "build", cwd=place, env=bench.clean_env(
        HOME=place, PATH=f"{pathlib.Path(bench.SANDBOXGEN).parent}:/usr/bin:/bin", SANDBOXGEN_BOOTSTRAP=bench.BOOTSTRAP))
    if result.status != 0:
        raise RuntimeError(str(result))
    return place, roles


def deploy_update_delete():
    place, roles = built()
    cloud = Cloud(roles)
    cloud.enforce()
    result = cloud.sam(place, "deploy", "--no-confirm-changeset")
    tap.ok(result.status == 0, "the deploy role deploys", result)
    template = place / ".aws-sam" / "build" / "template.yaml"
    template.write_text(template.read_text().replace("MemorySize: 256", "MemorySize: 512"))
    result = cloud.sam(place, "deploy", "--no-confirm-changeset")
    tap.ok(result.status == 0 and "UPDATE_COMPLETE" in result.out, "it updates", result)
    result = cloud.sam(place, "delete", "--no-prompts", "--stack-name", STACK, "--region", R, "--s3-bucket", bucket())
    # moto deletes a stack's VPC before what is in it
    tap.ok(result.status == 0 or "DependencyViolation" in result.out + result.err, "it asks for the deletion", result)
    by_operation = {operation: {action for _, wanted, action in cloud.asked() if wanted == operation} for operation in ("create", "update", "delete")}
    tap.ok(len(by_operation["create"]) > 60 and len(by_operation["delete"]) > 40 and "lambda:UpdateFunctionConfiguration" in by_operation["update"],
           "the service role was asked for what the handlers list: " + ", ".join(f"{name} {len(found)}" for name, found in by_operation.items()))
    calls = cloud.calls()
    refused = [call for call in calls if call["status"] == 403]
    tap.same(refused, [], f"none of {len(calls)} calls was refused")
    actions = {call["action"] for call in calls}
    tap.note(" ".join(sorted(actions)))
    tap.ok(WANTED <= actions, "the calls were recorded", WANTED - actions)
    requests = {json.dumps([call["action"], call["resource"], call["context"]]) for call in calls}
    requests = [tuple(json.loads(request)) for request in sorted(requests)]
    expect(roles["DeployRole"], "what sam-cli called, with its resources and conditions", [
        request for request in requests if not request[0].startswith("sts:")], allowed)
    cloud.stop()


def without(role, action):
    """The role without one action, wherever it is allowed."""
    def lesser(statement):
        actions = [statement["Action"]] if isinstance(statement.get("Action"), str) else statement.get("Action", [])
        return {**statement, "Action": [name for name in actions if name != action]} if statement["Effect"] == "Allow" else statement
    return {**role, "policies": {name: {**policy, "Statement": [lesser(row) for row in policy["Statement"]]}
                                 for name, policy in role["policies"].items()}}


def each_is_needed():
    """The judges do judge: with one action less, of either role, nothing is deployed; nor by a change set without the service role."""
    place, roles = built()
    cloud = Cloud(roles)
    cloud.enforce()
    for name, action, refused in (
            ("DeployRole", "s3:PutObject", "s3:PutObject"), ("DeployRole", "cloudformation:ExecuteChangeSet", "cloudformation:ExecuteChangeSet"),
            ("ServiceRole", "ec2:CreateNetworkAcl", "cloudformation:ExecuteChangeSet"),
            ("ServiceRole", "lambda:PutFunctionRecursionConfig", "cloudformation:ExecuteChangeSet")):
        cloud.change(without(roles[name], action))
        result = cloud.sam(place, "deploy", "--no-confirm-changeset")
        where = [call["action"] for call in cloud.calls() if call["status"] == 403]
        tap.ok(result.status != 0 and where == [refused], f"nothing is deployed where the {name} lacks {action}", f"{where}\n{result}")
        cloud.change(roles[name])
    config = place / "samconfig.toml"
    config.write_text("".join(line for line in config.read_text().splitlines(True) if not line.startswith("role_arn")))
    result = cloud.sam(place, "deploy", "--no-confirm-changeset")
    tap.ok(result.status != 0, "nothing is deployed without the service role", result)
    request, = {json.dumps([call["action"], call["resource"], call["context"]]) for call in cloud.calls()
                if call["action"] == "cloudformation:CreateChangeSet"}
    expect(roles["DeployRole"], "such a change set is refused by IAM already", [tuple(json.loads(request))], lambda answer: "Denied" in answer)
    cloud.stop()


if __name__ == "__main__":
    tap.main(deploy_update_delete, each_is_needed)
