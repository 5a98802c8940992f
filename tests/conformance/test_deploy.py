"""Acceptance: AWS's SAM CLI builds and deploys the rendered set, against two emulators on 127.0.0.1, and what they then
hold is what product.md promises.  README.md in this folder says what each emulator cannot do.
"""
import json
import os
import pathlib
import stat
import sys
import tomllib

sys.path.insert(0, str(pathlib.Path(__file__).parent / "lib"))
import bench
import dialogue
import loopback
import tap

STACK = "secure-python-executor-stack"
FUNCTION = "workflow-python-executor"
NOT_EMULATED = {"AWS::EC2::NetworkAcl", "AWS::EC2::SubnetNetworkAclAssociation", "AWS::EC2::SecurityGroupEgress"}


class Cloud:
    """An emulator, and the two command line tools pointed at it."""

    def __init__(self, name, *extra):
        self.home = bench.scratch()
        port = loopback.free_port()
        self.url = f"http://localhost:{port}"
        self.env = bench.clean_env(
            HOME=self.home, TMPDIR=self.home, AWS_ENDPOINT_URL=self.url,
            PATH=f"{pathlib.Path(bench.SANDBOXGEN).parent}:/usr/local/bin:/usr/bin:/bin",)
        argv = [bench.venv("EMULATORS", "python"), "-B", bench.HERE / "drivers" / f"{name}_server.py", str(port), *extra]
        self.server = loopback.Server(argv, port, self.env, self.home / "server.log", cwd=self.home).wait_ready()

    def sam(self, place, *arguments):
        return bench.run(bench.venv("SAM", "sam"), *arguments, cwd=place, env=self.env)

    def aws(self, *arguments):
        result = bench.run(bench.tool("AWS"), "--endpoint-url", self.url, "--region", bench.REGION, "--output", "json", *arguments,
                           cwd=self.home, env=self.env)
        if result.status != 0:
            raise RuntimeError(str(result))
        return json.loads(result.out) if result.out.strip() else {}

    def outputs(self):
        stack = self.aws("cloudformation", "describe-stacks", "--stack-name", STACK)["Stacks"][0]
        return stack["StackStatus"], {row["OutputKey"]: row["OutputValue"] for row in stack.get("Outputs", [])}

    def resource_ids(self, kind):
        rows = self.aws("cloudformation", "describe-stack-resources", "--stack-name", STACK)["StackResources"]
        return sorted(row["PhysicalResourceId"] for row in rows if row.get("ResourceType") == kind)


def built_set(cloud):
    """The rendered set of {}, built by `sam build`."""
    place = bench.render("{}\n", bench.scratch() / "seed")
    result = cloud.sam(place, "build")
    tap.ok(result.status == 0, "sam build, with neither Docker nor network", result)
    bundle = place / ".aws-sam" / "build" / "ExecutorFunction"
    program = bundle / "bootstrap"
    tap.ok(program.is_file() and stat.S_IMODE(program.stat().st_mode) == 0o755, "the bundle holds bootstrap, mode 0755",
           sorted(path.name for path in bundle.glob("*")))
    tap.ok(program.is_file() and program.read_bytes() == pathlib.Path(bench.BOOTSTRAP).read_bytes(),
           "the bundle's bootstrap is the one that was built here")
    result = bench.run(bench.SANDBOXGEN, "audit", ".aws-sam/build/template.yaml", cwd=place)
    tap.ok(result.status == 0, "sandboxgen audit on what sam build wrote", result)
    return place


def check_stack(cloud, how):
    status, outputs = cloud.outputs()
    tap.ok(status in ("CREATE_COMPLETE", "UPDATE_COMPLETE"), f"{how}: the stack {STACK} is complete", status)
    tap.same(outputs.get("ExecutorFunctionName"), FUNCTION, f"{how}: its output ExecutorFunctionName")


def check_function(cloud, how):
    got = cloud.aws("lambda", "get-function-configuration", "--function-name", FUNCTION)
    for key, expected in (("Runtime", "python3.12"), ("MemorySize", 256), ("Timeout", 30), ("Architectures", ["x86_64"])):
        tap.same(got.get(key), expected, f"{how}: the function's {key}")
    tap.same(got.get("Environment", {}).get("Variables", {}).get("AWS_LAMBDA_EXEC_WRAPPER"), "/var/task/bootstrap",
             f"{how}: the function starts through the executor")
    return got


def check_network(cloud, how):
    vpcs = cloud.resource_ids("AWS::EC2::VPC")
    tap.same(len(vpcs), 1, f"{how}: one VPC")
    for name, expected in (("enableDnsSupport", False), ("enableDnsHostnames", False)):
        answer = cloud.aws("ec2", "describe-vpc-attribute", "--vpc-id", vpcs[0], "--attribute", name)
        tap.same(answer[name[0].upper() + name[1:]]["Value"], expected, f"{how}: the VPC's {name}")
    only_this = f"Name=vpc-id,Values={vpcs[0]}"
    subnets = cloud.aws("ec2", "describe-subnets", "--filters", only_this)["Subnets"]
    tap.same(sorted(row["SubnetId"] for row in subnets), cloud.resource_ids("AWS::EC2::Subnet"), f"{how}: the stack's subnets")
    tap.same(len(subnets), 2, f"{how}: two subnets")
    tap.same(len({row["AvailabilityZone"] for row in subnets}), 2, f"{how}: in two zones")
    tap.ok(not any(row["MapPublicIpOnLaunch"] for row in subnets), f"{how}: without public addresses", subnets)
    tables = cloud.aws("ec2", "describe-route-tables", "--filters", only_this)["RouteTables"]
    routes = {(row.get("DestinationCidrBlock"), row.get("GatewayId")) for table in tables for row in table["Routes"]}
    tap.same(routes, {("10.99.0.0/24", "local")}, f"{how}: no route but the local one")
    with_table = {row["SubnetId"] for table in tables for row in table["Associations"] if row.get("SubnetId")}
    tap.same(with_table, {row["SubnetId"] for row in subnets}, f"{how}: each subnet has the stack's route table")
    for kind, command, key in (("internet", "describe-internet-gateways", "InternetGateways"),
                               ("NAT", "describe-nat-gateways", "NatGateways")):
        gateways = cloud.aws("ec2", command)[key]
        attached = [row for row in gateways if vpcs[0] in json.dumps(row)]
        tap.same(attached, [], f"{how}: no {kind} gateway at the VPC")
    endpoints = cloud.aws("ec2", "describe-vpc-endpoints", "--filters", only_this)["VpcEndpoints"]
    tap.same(endpoints, [], f"{how}: no VPC endpoint")
    groups = cloud.aws("ec2", "describe-security-groups", "--group-ids", *cloud.resource_ids("AWS::EC2::SecurityGroup"))
    for group in groups["SecurityGroups"]:
        ways_out = [(rule["IpProtocol"], [row["CidrIp"] for row in rule["IpRanges"]]) for rule in group["IpPermissionsEgress"]]
        tap.same(ways_out, [("-1", ["127.0.0.1/32"])], f"{how}: the group's egress is the rule that matches nothing")
        tap.same(group["IpPermissions"], [], f"{how}: the group has no ingress")


def check_logs_and_role(cloud, how):
    group, = cloud.resource_ids("AWS::Logs::LogGroup")
    groups = cloud.aws("logs", "describe-log-groups", "--log-group-name-prefix", group)["logGroups"]
    tap.ok(groups and groups[0].get("retentionInDays", 0) > 0, f"{how}: the log group's entries have an end", groups)
    role, = cloud.resource_ids("AWS::IAM::Role")
    attached = cloud.aws("iam", "list-attached-role-policies", "--role-name", role)["AttachedPolicies"]
    tap.same(attached, [], f"{how}: the role has no managed policy")


def check_no_wrapper(cloud, how):
    """ministack knows nothing of AWS_LAMBDA_EXEC_WRAPPER: it starts the handler, which must refuse to run anything."""
    mark = cloud.home / "a-script-ran"
    (cloud.home / "payload.json").write_text(json.dumps({"script": f"open({str(mark)!r}, 'w').write('x')\nprint('ran')"}))
    result = bench.run(
        bench.tool("AWS"), "--endpoint-url", cloud.url, "--region", bench.REGION, "lambda", "invoke", "--function-name", FUNCTION,
        "--cli-binary-format", "raw-in-base64-out", "--payload", "file://payload.json", "response.json", cwd=cloud.home, env=cloud.env)
    answer = (cloud.home / "response.json").read_text() if (cloud.home / "response.json").exists() else ""
    tap.ok(not mark.exists() and answer and '"ok": true' not in answer, f"{how}: without the wrapper no script runs", f"{result}\n{answer}")


def check_render_still_agrees(place, how):
    before = (place / "samconfig.toml").read_text()
    result = bench.run(bench.SANDBOXGEN, "render", "--check", cwd=place)
    tap.ok(result.status == 0, f"{how}: sandboxgen render --check still agrees", f"{result}\n{before}")


def plain_deploy_to_moto():
    cloud, how = Cloud("moto"), "moto"
    place = built_set(cloud)
    cloud.aws("s3api", "create-bucket", "--bucket", "artifacts", "--create-bucket-configuration", f"LocationConstraint={bench.REGION}")
    result = cloud.sam(place, "deploy", "--no-resolve-s3", "--s3-bucket", "artifacts", "--no-confirm-changeset")
    tap.ok(result.status == 0 and "ExecutorFunctionName" in result.out, f"{how}: sam deploy with the rendered samconfig.toml", result)
    check_stack(cloud, how)
    function = check_function(cloud, how)
    network = function.get("VpcConfig", {})
    tap.same(sorted(network.get("SubnetIds", [])), cloud.resource_ids("AWS::EC2::Subnet"), f"{how}: the function is in the stack's subnets")
    tap.same(sorted(network.get("SecurityGroupIds", [])), cloud.resource_ids("AWS::EC2::SecurityGroup"), f"{how}: and in its group")
    reserved = cloud.aws("lambda", "get-function-concurrency", "--function-name", FUNCTION)
    tap.same(reserved.get("ReservedConcurrentExecutions"), None, f"{how}: no concurrency is reserved")
    check_logs_and_role(cloud, how)
    result = bench.run(bench.SANDBOXGEN, "render", "--check", cwd=place)
    tap.ok(result.status == 0, f"{how}: sandboxgen render --check", result)
    cloud.server.stop()


def guided_deploy_to_ministack():
    accepted = bench.scratch() / "accepted"
    cloud, how = Cloud("ministack", str(accepted)), "ministack"
    place = built_set(cloud)
    status, said = dialogue.hold(
        [bench.venv("SAM", "sam"), "deploy", "--guided"],
        [("Stack Name", STACK), ("AWS Region", bench.REGION), ("Confirm changes", "y"), ("Allow SAM CLI IAM", "y"),
         ("Save arguments", "y"), ("sign your code", "n"), ("Deploy this changeset", "y")], cwd=place, env=cloud.env)
    tap.ok(status == 0 and "ExecutorFunctionName" in said, f"{how}: sam deploy --guided", said)
    with open(place / "samconfig.toml", "rb") as stream:
        sections = tomllib.load(stream)["default"]
        saved = {**sections["global"]["parameters"], **sections["deploy"]["parameters"]}
    tap.ok(saved.get("confirm_changeset") is True and saved.get("stack_name") == STACK, f"{how}: --guided saved its options", saved)
    check_render_still_agrees(place, how)
    check_stack(cloud, how)
    check_function(cloud, how)
    check_network(cloud, how)
    check_logs_and_role(cloud, how)
    check_no_wrapper(cloud, how)
    result = cloud.sam(place, "deploy", "--no-confirm-changeset", "--no-fail-on-empty-changeset")
    tap.ok(result.status == 0, f"{how}: a second sam deploy with the saved options", result)
    check_stack(cloud, f"{how}, second time")
    kinds = {line.split()[0] for line in accepted.read_text().splitlines()} if accepted.exists() else set()
    tap.ok(kinds <= NOT_EMULATED, f"{how}: nothing is left out but what README.md says", sorted(kinds - NOT_EMULATED))
    cloud.server.stop()


tap.main(plain_deploy_to_moto, guided_deploy_to_ministack)
