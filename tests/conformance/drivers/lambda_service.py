"""Lambda's invoke call for what an emulator holds:  lambda_service.py PORT CLOUD-PORT RIE PYTHON [PREFIX...]

ministack knows no exec wrapper and would start the handler.  Here a function's code and configuration are asked of it at each
call; AWS's Runtime Interface Emulator starts the program that AWS_LAMBDA_EXEC_WRAPPER names, as Lambda does, with the function's
variables, and again when one of them, or the code, has changed.  PREFIX is put before the command (setpriv, to lose root's rights).
"""
import atexit
import http.client
import http.server
import io
import json
import pathlib
import re
import shutil
import sys
import tempfile
import threading
import urllib.error
import urllib.parse
import urllib.request
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lib"))
import loopback

PORT, CLOUD, RIE, PYTHON, *PREFIX = sys.argv[1:]
ONE_AT_A_TIME = threading.Lock()


def of_cloud(path):
    # the emulator tells accounts and regions apart by the credentials, and does not look at the signature
    scope = "AWS4-HMAC-SHA256 Credential=test/20260101/ap-south-1/lambda/aws4_request, SignedHeaders=host, Signature=0"
    with urllib.request.urlopen(urllib.request.Request(f"http://localhost:{CLOUD}{path}", headers={"Authorization": scope}), timeout=60) as reply:
        return reply.read()


class Function:
    """One environment of a function, as it is configured now."""

    def __init__(self, name, configuration):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="sandboxgen-test."))
        atexit.register(shutil.rmtree, self.home, ignore_errors=True)
        self.home.chmod(0o755)
        task = self.home / "task"
        where = json.loads(of_cloud(f"/2015-03-31/functions/{urllib.parse.quote(name)}"))["Code"]["Location"]
        with zipfile.ZipFile(io.BytesIO(of_cloud(urllib.parse.urlsplit(where)._replace(scheme="", netloc="").geturl()))) as code:
            code.extractall(task)
            for row in code.infolist():
                (task / row.filename).chmod(row.external_attr >> 16 & 0o777 or 0o644)
        task.chmod(0o755)
        shutil.copy(RIE, self.home / "rie")
        variables = configuration.get("Environment", {}).get("Variables", {})
        wrapper = variables.get("AWS_LAMBDA_EXEC_WRAPPER", "").replace("/var/task", str(task))
        program = [wrapper, PYTHON, "/var/runtime/bootstrap.py"] if wrapper else [PYTHON, "/var/runtime/bootstrap.py"]
        self.port, api = loopback.free_port(), loopback.free_port()
        env = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "LANG": "C.UTF-8", "AWS_LAMBDA_FUNCTION_NAME": name, "LAMBDA_TASK_ROOT": str(task),
               "AWS_LAMBDA_FUNCTION_TIMEOUT": str(configuration["Timeout"]), "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(configuration["MemorySize"]),
               **variables}
        self.server = loopback.Server([*PREFIX, self.home / "rie", "--runtime-interface-emulator-address", f"127.0.0.1:{self.port}",
                                       "--runtime-api-address", f"127.0.0.1:{api}", *program], self.port, env, self.home / "log", cwd=task,
                                      limit=1200).wait_ready()

    def invoke(self, event):
        emulator = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)
        emulator.request("POST", "/2015-03-31/functions/function/invocations", event)
        reply = emulator.getresponse()
        return reply.status, reply.read()


class Functions:
    def __init__(self):
        self.running = {}

    def get(self, name):
        """None where the emulator has no such function."""
        try:
            configuration = json.loads(of_cloud(f"/2015-03-31/functions/{urllib.parse.quote(name)}/configuration"))
        except urllib.error.HTTPError:
            return None
        state = json.dumps([configuration.get(key) for key in ("Environment", "CodeSha256", "Timeout", "MemorySize")])
        known, function = self.running.get(name, (None, None))
        if known != state:
            if function:
                function.server.stop()
            function = Function(name, configuration)
            self.running[name] = (state, function)
        return function


FUNCTIONS = Functions()


class Front(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body, headers=()):
        self.send_response(status)
        for name, value in (("Content-Type", "application/json"), ("Content-Length", str(len(body))), *headers):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        event = self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}"
        called = re.fullmatch(r"/2015-03-31/functions/([^/]+)/invocations", urllib.parse.urlsplit(self.path).path)
        with ONE_AT_A_TIME:
            function = FUNCTIONS.get(urllib.parse.unquote(called[1])) if called else None
            if not function:
                return self.answer(404, b'{"Type": "User", "Message": "Function not found"}', [("x-amzn-ErrorType", "ResourceNotFoundException")])
            status, body = function.invoke(event)
        try:
            answer = json.loads(body)
        except ValueError:
            status, body = 500, json.dumps({"errorType": "Runtime.ExitError", "errorMessage": body.decode("utf-8", "replace")}).encode()
            answer = json.loads(body)
        failed = status != 200 or isinstance(answer, dict) and {"errorType", "errorMessage"} <= answer.keys()
        self.answer(200, body, [("X-Amz-Function-Error", "Unhandled")] if failed else [])


http.server.ThreadingHTTPServer(("127.0.0.1", int(PORT)), Front).serve_forever()
