"""The commands of docs/ and of the README run, as they stand there, in one shell for each page, against ministack; the callers of
examples/ tell apart what they must."""
import http.server
import json
import pathlib
import re
import shutil
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).parent / "lib"))
import bench
import loopback
import tap

DOCS = bench.TOP / "docs"
OLD_TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  ExecutorFunction:
    Type: AWS::Serverless::Function
    Properties: {FunctionName: workflow-python-executor, Runtime: python3.12, Handler: a.b, CodeUri: src/}
"""


def blocks(path):
    return re.findall(r"^```sh\n(.*?)^```$", path.read_text(), re.MULTILINE | re.DOTALL)


class Cloud:
    def __init__(self):
        self.home = bench.scratch()
        port, tools = loopback.free_port(), bench.scratch()
        self.server = loopback.Server([bench.venv("EMULATORS", "python"), "-B", bench.HERE / "drivers" / "ministack_server.py", str(port),
                                       self.home / "accepted"], port, bench.clean_env(HOME=self.home, TMPDIR=self.home),
                                      self.home / "server.log", cwd=self.home).wait_ready()
        for name, program in (("sandboxgen", f'{bench.SANDBOXGEN} "$@"'), ("sam", f'{bench.venv("SAM", "sam")} "$@"'),
                              ("aws", f'{bench.tool("AWS")} --endpoint-url "$AWS_ENDPOINT_URL" "$@"'),
                              ("python3", f'{bench.venv("EMULATORS", "python")} "$@"')):
            (tools / name).write_text(f"#!/bin/sh\nexec {program}\n")
            (tools / name).chmod(0o755)
        self.env = bench.clean_env(HOME=self.home, TMPDIR=self.home, AWS_ENDPOINT_URL=f"http://localhost:{port}", PATH=f"{tools}:/usr/bin:/bin",
                                   SANDBOXGEN_BOOTSTRAP=bench.BOOTSTRAP, AWS_ACCOUNT_ID="000000000000")


def page(cloud, name, setup=""):
    place = bench.scratch()
    (place / "old-template.yaml").write_text(OLD_TEMPLATE)
    shutil.copy(bench.TOP / "examples" / "callers" / "caller.py", place)
    for script in ("one.py", "two.py"):
        (place / script).write_text("print(1)\n")
    text = setup + "".join(f"echo '=== block {number}' >&2\n{block}" for number, block in enumerate(blocks(DOCS / name), 1))
    result = bench.run("bash", "-euo", "pipefail", "-c", text, cwd=place, timeout=600,
                       env={**cloud.env, "OLD_TEMPLATE": str(place / "old-template.yaml")})
    tap.ok(blocks(DOCS / name) and result.status == 0, f"docs/{name}: {len(blocks(DOCS / name))} blocks run", result)
    return result


def every_page():
    cloud = Cloud()
    page(cloud, "tutorial.md")
    page(cloud, "migration.md")
    tap.ok("1.27" in page(cloud, "cost.md").out, "the sum of cost.md is what the page says")
    page(cloud, "existing-vpcs.md")
    deployed = "sandboxgen init --yes; sandboxgen render; sam build; sam deploy --no-confirm-changeset; "
    page(cloud, "out-of-band.md", deployed)
    vpc = 'vpc=$(aws ec2 describe-vpcs --filters Name=cidr,Values=10.99.0.0/24 --query "Vpcs[0].VpcId" --output text); '
    gateway = 'igw=$(aws ec2 create-internet-gateway --query InternetGateway.InternetGatewayId --output text); '
    attach = 'aws ec2 attach-internet-gateway --internet-gateway-id "$igw" --vpc-id "$vpc"; '
    added = bench.run("bash", "-euo", "pipefail", "-c", vpc + gateway + attach + blocks(DOCS / "out-of-band.md")[0], cwd=bench.scratch(),
                      env=cloud.env)
    tap.ok(added.status == 1 and "internet gateways: igw-" in added.err, "a gateway that somebody added is noticed", added)
    page(cloud, "callers.md")
    pages = {path.name for path in DOCS.glob("*.md") if blocks(path)}
    tap.same(pages, {"tutorial.md", "migration.md", "cost.md", "existing-vpcs.md", "out-of-band.md", "callers.md"}, "no page is left out")
    cloud.server.stop()


def links():
    missing = [f"{path.name}: {target}" for path in [*DOCS.glob("*.md"), bench.TOP / "README.md"]
               for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text()) if not (path.parent / target).exists()]
    tap.same(missing, [], "every link of the pages leads somewhere")


KINDS = {"syntax": "ScriptFailed", "exception": "ScriptFailed", "exit": "ScriptFailed", "timeout": "ScriptFailed", "memory": "ScriptFailed",
         "output_limit": "ScriptFailed", "signal": "ScriptFailed", "result_not_json": "ScriptFailed", "result_too_large": "ScriptFailed",
         "sandbox_denied": "ScriptFailed", "bad_request": "CallFailed", "internal": "CallFailed"}


class FakeLambda(http.server.BaseHTTPRequestHandler):
    """Answers by what the script says: a kind of error, `throttle`, `crash`, or a result."""
    calls = []

    def do_POST(self):
        script = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["script"]
        FakeLambda.calls.append(script)
        status, headers = 200, {}
        answer = {"statusCode": 200, "body": json.dumps({"ok": script not in KINDS, "result": script, "error": {"kind": script, "message": "m"}})}
        if script == "throttle":
            status, headers, answer = 429, {"x-amzn-ErrorType": "TooManyRequestsException"}, {"Type": "User", "message": "Rate Exceeded."}
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
const invoke = async (input) => {
  const reply = await fetch(process.argv[2] + '/2015-03-31/functions/f/invocations', { method: 'POST', body: input.Payload });
  if (reply.status === 429) throw Object.assign(new Error('x'), { name: 'TooManyRequestsException' });
  return { FunctionError: reply.headers.get('x-amz-function-error'), Payload: new Uint8Array(await reply.arrayBuffer()) };
};
const all = await caller.runAll(invoke, 'f', JSON.parse(process.argv[3]));
console.log(JSON.stringify(all.map(({ result, error }) => [result ?? null, error ? error.constructor.name : null, error?.again ?? null])));
"""


def callers():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), FakeLambda)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url, folder = f"http://127.0.0.1:{server.server_port}", bench.TOP / "examples" / "callers"
    scripts = ["fine", *KINDS, "throttle", "crash"]
    wanted = [["fine", None, None], *([None, kind, (name == "internal") if kind == "CallFailed" else None] for name, kind in KINDS.items()),
              [None, "CallFailed", True], [None, "CallFailed", True]]
    for name, argv in (("caller.py", (bench.venv("EMULATORS", "python"), "-B", "-c", PYTHON)),
                       ("caller.mjs", ("node", "--input-type=module", "-e", NODE))):
        FakeLambda.calls.clear()
        result = bench.run(*argv, str(folder), url, json.dumps(scripts), env=bench.clean_env(PATH="/usr/local/bin:/usr/bin:/bin"))
        tap.ok(result.status == 0 and result.json() == wanted, f"{name}: each kind of answer is told apart", f"{result}\n{json.dumps(wanted)}")
        tap.same(sorted(FakeLambda.calls), sorted(scripts), f"{name}: each script is sent once, whatever comes back")
    server.shutdown()


if __name__ == "__main__":
    tap.main(links, callers, every_page)
