"""Acceptance: the commands of README, docs/ and the manual page run as they stand there, in one shell for each page, against ministack and
the executor that is deployed there; one that does not run, and of which nothing says why, is a failure.  The callers of examples/
tell apart what they must.
"""
import http.server
import json
import os
import pathlib
import re
import shutil
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).parent / "lib"))
import bench
import documents
import tap
from cloud import Cloud

DOCS = bench.TOP / "docs"
OLD_TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  ExecutorFunction:
    Type: AWS::Serverless::Function
    Properties: {FunctionName: workflow-python-executor, Runtime: python3.12, Handler: a.b, CodeUri: src/}
"""
OUTSIDE = OLD_TEMPLATE.replace("Resources:", "Parameters: {SubnetId: {Type: String}, GroupId: {Type: String}}\nResources:").replace(
    "CodeUri: src/}", "CodeUri: src/, VpcConfig: {SubnetIds: [!Ref SubnetId], SecurityGroupIds: [!Ref GroupId]}}")
RULE = "rule is_a_template {\n  Resources exists\n}\n"
RULE_TESTS = "- input: {Resources: {}}\n  expectations: {rules: {is_a_template: PASS}}\n"
POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "logs:PutLogEvents", "Resource": "*"}]}
DEPLOYED = "printf '{}\\n' > sandbox.yaml; sandboxgen render; sam build; sam deploy --no-confirm-changeset --no-fail-on-empty-changeset; "


class Elsewhere:
    """Not run here: `where` is the test that runs it, and `what` stands in it; or, without a test, `what` says why it is not run."""

    def __init__(self, where, what):
        self.where, self.what = where, what

    def holds(self):
        return self.where is None or self.what in (bench.TOP / self.where).read_text()


class Run:
    """The command, with names of files that are there in place of those that stand for any; `status` is its exit code."""

    def __init__(self, text=None, status=0, says=""):
        self.text, self.status, self.says = text, status, says


CI = Elsewhere("run-tests", "make_check check")
NO_GITHUB = Elsewhere(None, "asks GitHub")
# By page: what the code spans that are commands are run as, after the page's blocks and in the same folder.
SPANS = {
    "README.md": {
        "sandboxgen init": Run("mkdir -p new && cd new && sandboxgen init --yes"),
        "sandboxgen run": Run("sandboxgen run my_script.py", says="42"),
        "sandboxgen run my_script.py": Run(says="42"),
        "sandboxgen payload": Run("sandboxgen payload my_script.py"),
        "sandboxgen doctor": Run(),
        "bootstrap --probe": Run('"$SANDBOXGEN_BOOTSTRAP" --probe', says='"layers"'),
        "sandboxgen audit --policies RULES": Run("sandboxgen audit --policies rules"),
        "sandboxgen test RULES": Run("sandboxgen test rules"),
        "sandboxgen audit --pack iam": Run(status=1, says="PRM002"),
        "sandboxgen audit .github/workflows/deploy.yml": Run(),
        "sandboxgen audit any-template.yaml": Run("sandboxgen audit old.yaml", 1, "NET001"),
        "sandboxgen graph any-template.yaml": Run("sandboxgen graph old.yaml", says="flowchart"),
        "sandboxgen expand --unpackaged template.yaml": Run(says="AWS::Lambda::Function"),
        "sandboxgen iam contains mine.json reference.json": Run(),
        "sandboxgen explain NET004": Run(says="NET004"),
        "sandboxgen COMMAND --help": Run("sandboxgen audit --help"),
        "sandboxgen completion bash|zsh|fish": Run("for shell in bash zsh fish; do sandboxgen completion $shell; done"),
        "man sandboxgen": Elsewhere("tests/golden/man.sh", "sandboxgen.1"),
        "sam deploy --config-env prod": Elsewhere("tests/conformance/test_keys.py", "sam_config.py"),
        "./configure": CI,
    },
    "examples/README.md": {"sandboxgen render && sandboxgen audit": Elsewhere("tests/golden/render.py", "examples_render")},
    "docs/assumptions.md": {
        "sandboxgen audit --assume FILE": Run("sandboxgen audit --assume assume.yaml outside.yaml", 1, "net-prod"),
        "sandboxgen graph --assume FILE": Run("sandboxgen graph --assume assume.yaml outside.yaml", says="flowchart"),
    },
    "docs/migration.md": {
        "sandboxgen payload": Elsewhere("tests/conformance/test_invoke.py", "sandboxgen payload"),
        "aws lambda list-versions-by-function": Run("aws lambda list-versions-by-function --function-name workflow-python-executor"),
        "aws lambda delete-function --qualifier N": Run(
            "version=$(aws lambda publish-version --function-name workflow-python-executor --query Version --output text)\n"
            "aws lambda delete-function --function-name workflow-python-executor --qualifier $version"),
    },
    "docs/tutorial.md": {
        "gh api repos/OWNER/NAME --jq '.id, .owner.id'": NO_GITHUB,
        "aws iam create-open-id-connect-provider --url https://token.actions.githubusercontent.com --client-id-list sts.amazonaws.com":
            Elsewhere(None, "the emulator makes any provider"),
        "aws iam list-open-id-connect-providers": Run(),
    },
    "man/sandboxgen.1": {
        "sam deploy": Elsewhere("tests/conformance/test_deploy.py", '"deploy"'),
        "sam package": Elsewhere(None, "named for what it would upload; expand is about doing without"),
        "aws iam get-policy-version": Elsewhere(None, "asks for a policy of AWS; the emulators have none"),
        "bootstrap --probe": Elsewhere("tests/executor/doctor.py", "--probe"),
        "aws lambda invoke": Elsewhere("tests/conformance/test_invoke.py", "lambda invoke"),
    },
}
# Blocks that are not run here, by a line of them.
BLOCKS = {
    "README.md": {"./quickstart ": Elsewhere(".ci/run", "./run-tests"), "./autogen.sh ": Elsewhere("tools/prepare.sh", "./autogen.sh")},
}


def commands_of(name):
    text = (bench.TOP / name).read_text()
    return documents.of_manual(text) if name.endswith(".1") else documents.of_markdown(text)


def a_folder():
    """What the pages take for granted."""
    place = bench.scratch()
    (place / "old-template.yaml").write_text(OLD_TEMPLATE)
    (place / "old.yaml").write_text(OLD_TEMPLATE)
    (place / "outside.yaml").write_text(OUTSIDE)
    (place / "assume.yaml").write_text(re.search(r"^```yaml\n(.*?)^```$", (DOCS / "assumptions.md").read_text(), re.MULTILINE | re.DOTALL)[1])
    (place / "rules").mkdir()
    (place / "rules" / "rules.guard").write_text(RULE)
    (place / "rules" / "rules_tests.yaml").write_text(RULE_TESTS)
    for name in ("mine.json", "reference.json"):
        (place / name).write_text(json.dumps(POLICY))
    (place / "my_script.py").write_text("print(6 * 7)\n")
    for name in ("caller.py", "caller.mjs"):
        shutil.copy(bench.TOP / "examples" / "callers" / name, place)
    os.symlink(pathlib.Path(bench.tool("CALLERS")) / "node_modules", place / "node_modules")
    for script in ("one.py", "two.py"):
        (place / script).write_text("print(1)\n")
    return place


def page(cloud, name, setup=""):
    """Runs the blocks of a page in one shell, then each span in one of its own; returns what the blocks said."""
    place, (blocks, spans) = a_folder(), commands_of(name)
    left_out = BLOCKS.get(name, {})
    blocks = [block for block in blocks if not any(line in block for line in left_out)]
    text = setup + "".join(f"echo '=== block {number}' >&2\n{block}" for number, block in enumerate(blocks, 1))
    env = {**cloud.env, "OLD_TEMPLATE": str(place / "old-template.yaml")}
    result = bench.run("bash", "-euo", "pipefail", "-c", text, cwd=place, timeout=900, env=env)
    tap.ok(result.status == 0, f"{name}: {len(blocks)} blocks run", result)
    for span in dict.fromkeys(spans):
        how = SPANS.get(name, {}).get(span)
        if isinstance(how, Run):
            got = bench.run("bash", "-euo", "pipefail", "-c", how.text or span, cwd=place, env=env)
            tap.ok(got.status == how.status and how.says in got.out, f"{name}: `{span}` runs", got)
    return result


def pages():
    return ["README.md", "examples/README.md", "man/sandboxgen.1", *(f"docs/{path.name}" for path in sorted(DOCS.glob("*.md")))]


def every_command_has_a_place():
    """A command that no test runs, and a note about one that is gone, are failures."""
    for name in pages():
        blocks, spans = commands_of(name)
        known = SPANS.get(name, {})
        tap.same([span for span in dict.fromkeys(spans) if span not in known], [], f"{name}: each code span that is a command is run, or it is said where")
        tap.same([span for span in known if span not in spans], [], f"{name}: and nothing is said of others")
        gone = [line for line in BLOCKS.get(name, {}) if not any(line in block for block in blocks)]
        wrong = [what for table in (known, BLOCKS.get(name, {})) for what, how in table.items() if isinstance(how, Elsewhere) and not how.holds()]
        tap.same((gone, wrong), ([], []), f"{name}: what is run elsewhere stands there")


def every_target():
    """What the pages for developers have `make` do exists."""
    made = "\n".join(path.read_text() for path in [bench.TOP / "Makefile.am", *bench.TOP.glob("src/**/*.am"), *bench.TOP.glob("tests/**/*.am"), *bench.TOP.glob("tools/*.am"), *bench.TOP.glob("man/*.am")])
    for name in ("CONTRIBUTING.md", "ARCHITECTURE.md", "tests/conformance/README.md"):
        targets = {match[1] for match in re.finditer(r"`make ([a-z0-9-]+)", (bench.TOP / name).read_text())} - {"check", "dist", "distcheck"}
        tap.same(sorted(target for target in targets if not re.search(rf"^{target}( [\w -]*)?:", made, re.MULTILINE)), [], f"{name}: its {len(targets)} targets of make exist")


def every_page():
    cloud = Cloud(limit=1500)
    said = page(cloud, "README.md")
    tap.ok("\n42\n" in said.out, "README.md: the deployed function answers with what the script printed", said)
    tap.ok('"seccomp"' in said.out, "README.md: and with what its machine allows, when it is asked to", said)
    cloud.stop()
    cloud = Cloud(limit=1500)
    said = page(cloud, "docs/tutorial.md")
    tap.ok(re.search(r"^42\n(.*\n)*42$", said.out, re.MULTILINE), "docs/tutorial.md: the script answers 42, here and deployed", said)
    said = page(cloud, "man/sandboxgen.1", DEPLOYED)
    tap.ok("\n42\n" in said.out, "man/sandboxgen.1: the deployed function answers", said)
    page(cloud, "docs/migration.md")
    tap.ok("1.27" in page(cloud, "docs/cost.md").out, "the sum of cost.md is what the page says")
    page(cloud, "docs/existing-vpcs.md")
    page(cloud, "docs/assumptions.md")
    page(cloud, "docs/out-of-band.md", DEPLOYED)
    vpc = 'vpc=$(aws ec2 describe-vpcs --filters Name=cidr,Values=10.99.0.0/24 --query "Vpcs[0].VpcId" --output text); '
    gateway = 'igw=$(aws ec2 create-internet-gateway --query InternetGateway.InternetGatewayId --output text); '
    attach = 'aws ec2 attach-internet-gateway --internet-gateway-id "$igw" --vpc-id "$vpc"; '
    script = commands_of("docs/out-of-band.md")[0][0]
    opened = ("group=$(aws cloudformation describe-stack-resource --stack-name secure-python-executor-stack --logical-resource-id "
              "ExecutorSecurityGroup --query StackResourceDetail.PhysicalResourceId --output text); aws ec2 authorize-security-group-egress "
              '--group-id "$group" --protocol tcp --port 443 --cidr 0.0.0.0/0; ')
    added = bench.run("bash", "-euo", "pipefail", "-c", vpc + gateway + attach + opened + script, cwd=bench.scratch(), env=cloud.env)
    tap.ok(added.status == 1 and "internet gateways: igw-" in added.err and "egress: " in added.err and len(added.err.splitlines()) == 2,
           "a gateway and a rule that somebody added are noticed, and nothing else", added)
    page(cloud, "docs/callers.md")
    run = {"README.md", "man/sandboxgen.1", *(f"docs/{name}.md" for name in ("tutorial", "migration", "cost", "existing-vpcs", "out-of-band", "callers"))}
    tap.same({name for name in pages() if commands_of(name)[0]}, run, "no page with blocks is left out")
    cloud.stop()


def links():
    missing = [f"{path.name}: {target}" for path in [*DOCS.glob("*.md"), bench.TOP / "README.md"]
               for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text()) if not (path.parent / target).exists()]
    tap.same(missing, [], "every link of the pages leads somewhere")


KINDS = {"syntax": "ScriptFailed", "exception": "ScriptFailed", "exit": "ScriptFailed", "timeout": "ScriptFailed", "memory": "ScriptFailed",
         "output_limit": "ScriptFailed", "signal": "ScriptFailed", "result_not_json": "ScriptFailed", "result_too_large": "ScriptFailed",
         "sandbox_denied": "ScriptFailed", "bad_request": "CallFailed", "internal": "CallFailed"}


class FakeLambda(http.server.BaseHTTPRequestHandler):
    """Answers by what the script says: a kind of error, `throttle`, `crash`, `forbidden`, `gone`, or a result."""
    calls = []

    def do_POST(self):
        script = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["script"]
        FakeLambda.calls.append(script)
        status, headers = 200, {}
        answer = {"statusCode": 200, "body": json.dumps({"ok": script not in KINDS, "result": script, "error": {"kind": script, "message": "m"}})}
        if script == "throttle":
            status, headers, answer = 429, {"x-amzn-ErrorType": "TooManyRequestsException"}, {"Type": "User", "message": "Rate Exceeded."}
        elif script == "forbidden":
            status, headers, answer = 403, {"x-amzn-ErrorType": "AccessDeniedException"}, {"Message": "not authorized"}
        elif script == "gone":
            self.close_connection = True
            return
        elif script == "crash":
            headers, answer = {"X-Amz-Function-Error": "Unhandled"}, {"errorMessage": "gone"}
        data = json.dumps(answer).encode()
        self.send_response(status)
        for key, value in {**headers, "Content-Length": str(len(data))}.items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


PYTHON = """
import json, sys
sys.path.insert(0, sys.argv[1])
import caller
aws = caller.client(endpoint_url=sys.argv[2])
print(json.dumps([[r, type(e).__name__ if e else None, getattr(e, 'again', None)]
                  for r, e in caller.run_all(aws, 'f', json.loads(sys.argv[3]))]))
"""
NODE = """
const caller = await import(process.argv[1] + '/caller.mjs');
process.env.AWS_ENDPOINT_URL = process.argv[2];
const invoke = await caller.sdk();
const all = await caller.runAll(invoke, 'f', JSON.parse(process.argv[3]));
console.log(JSON.stringify(all.map(({ result, error }) => [result ?? null, error ? error.constructor.name : null, error?.again ?? null])));
"""


def callers():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), FakeLambda)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url, folder = f"http://127.0.0.1:{server.server_port}", bench.scratch()
    for name in ("caller.py", "caller.mjs"):
        shutil.copy(bench.TOP / "examples" / "callers" / name, folder)
    os.symlink(pathlib.Path(bench.tool("CALLERS")) / "node_modules", folder / "node_modules")
    scripts = ["fine", *KINDS, "throttle", "crash", "forbidden", "gone"]
    wanted = [["fine", None, None], *([None, kind, (name == "internal") if kind == "CallFailed" else None] for name, kind in KINDS.items()),
              [None, "CallFailed", True], [None, "CallFailed", True], [None, "CallFailed", False], [None, "CallFailed", False]]
    for name, argv in (("caller.py", (bench.venv("EMULATORS", "python"), "-B", "-c", PYTHON)),
                       ("caller.mjs", ("node", "--input-type=module", "-e", NODE))):
        FakeLambda.calls.clear()
        result = bench.run(*argv, str(folder), url, json.dumps(scripts), env=bench.clean_env(PATH="/usr/local/bin:/usr/bin:/bin"))
        tap.ok(result.status == 0 and result.json() == wanted, f"{name}: each kind of answer is told apart", f"{result}\n{json.dumps(wanted)}")
        tap.same(sorted(FakeLambda.calls), sorted(scripts), f"{name}: each script is sent once, whatever comes back")
    server.shutdown()


if __name__ == "__main__":
    tap.main(links, every_command_has_a_place, every_target, callers, every_page)
