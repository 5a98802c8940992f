"""A small fake of Lambda's Runtime API on loopback, and the `bootstrap` program that is driven through it.

Only what AWS documents is offered: next, response, error, init/error.  One invocation at a time, as Lambda does.
"""
import http.server
import json
import os
import queue
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time

BUILD = os.path.abspath(os.environ.get("top_builddir", "."))
SOURCE = os.environ.get("top_srcdir", ".")
ROOT = "/2018-06-01/runtime"
SECRETS = {
    "AWS_ACCESS_KEY_ID": "ASIAPLANTEDKEYID0001",
    "AWS_SECRET_ACCESS_KEY": "planted-secret-0002",
    "AWS_SESSION_TOKEN": "planted-token-0003",
    "AWS_LAMBDA_METADATA_TOKEN": "planted-metadata-0004",
}


def spare_user(n):
    """A user of this process's own, 0 <= n < 10, as text: what a program below sweeps, counts and kills goes by user, and two
    suites may run on one machine."""
    return str(200000 + os.getpid() * 10 + n)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 65536

    def log_message(self, *args):
        pass

    def reply(self, status, body=b"", headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        if self.server.close_each:
            self.send_header("Connection", "close")
            self.close_connection = True
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path != ROOT + "/invocation/next":
            return self.reply(404)
        self.server.asked = self.server.asked or time.perf_counter()
        event = self.server.events.get()
        if event is None:
            self.close_connection = True
            return None
        rid, payload, deadline = event
        return self.reply(200, payload, [
            ("Lambda-Runtime-Aws-Request-Id", rid), ("Lambda-Runtime-Deadline-Ms", str(deadline)),
            ("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:1:function:f")])

    def do_POST(self):
        announced = int(self.headers["Content-Length"])
        body = self.rfile.read(announced)
        if len(body) < announced:  # it gave up meanwhile: nothing was posted
            self.close_connection = True
            return None
        known = re.fullmatch(ROOT + r"/(init/error|invocation/[^/]+/(response|error))", self.path)
        if known:
            self.server.answers.put((self.path, body, dict(self.headers)))
        return self.reply(self.server.post_status if known else 404, b'{"status":"OK"}')


class Api(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass  # a client that was killed

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.events, self.answers = queue.Queue(), queue.Queue()
        self.post_status, self.close_each = 202, False
        self.asked = None  # when there was a first /next
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Bootstrap:
    """The program, started as Lambda starts it.  `prefix` goes before it: setpriv, the outer filter."""

    def __init__(self, args=(), env=None, prefix=(), task_root=None, program=None, memory=256, stdout=None):
        self.api = Api()
        self.made_root = task_root is None
        self.task_root = task_root or tempfile.mkdtemp(prefix="task.")
        os.chmod(self.task_root, 0o755)
        self.log = tempfile.TemporaryFile()
        full = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LAMBDA_TASK_ROOT": self.task_root,
                "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:%d" % self.api.server_port,
                "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(memory), "_HANDLER": "lambda_function.lambda_handler", **SECRETS}
        full.update(env or {})
        command = [*prefix, program or os.path.join(BUILD, "bootstrap"), *args]
        self.process = subprocess.Popen(command, env=full, stdin=subprocess.DEVNULL, stdout=stdout or self.log,
                                        stderr=self.log)
        self.count = 0

    def send(self, payload, lambda_ms=60000):
        self.count += 1
        rid = "00000000-0000-0000-0000-%012d" % self.count
        if not isinstance(payload, bytes):
            payload = json.dumps(payload).encode()
        self.api.events.put((rid, payload, int(time.time() * 1000) + lambda_ms))
        return rid

    def receive(self, timeout=30):
        """The next thing posted, or None when the program ends first."""
        end = time.monotonic() + timeout
        while True:
            try:
                return self.api.answers.get(timeout=0.02)
            except queue.Empty:
                if self.process.poll() is not None and self.api.answers.empty():
                    return None
                if time.monotonic() > end:
                    raise TimeoutError("nothing was posted; log:\n" + self.read_log())

    def raw(self, payload, lambda_ms=60000, timeout=30):
        rid = self.send(payload, lambda_ms)
        got = self.receive(timeout)
        if got is None:
            return None
        path, body, _ = got
        if path != "%s/invocation/%s/response" % (ROOT, rid):
            raise AssertionError("posted to %s: %r" % (path, body[:300]))
        return body

    def invoke(self, payload, lambda_ms=60000, timeout=30):
        """(statusCode, body as an object)"""
        body = self.raw(payload, lambda_ms, timeout)
        if body is None:
            raise AssertionError("the program ended: " + self.read_log())
        answer = json.loads(body)
        return answer["statusCode"], json.loads(answer["body"])

    def run(self, script, **more):
        return self.invoke({"script": script, **more})[1]

    def read_log(self):
        self.log.seek(0)
        return self.log.read().decode("utf-8", "replace")

    def events(self):
        return [json.loads(line) for line in self.read_log().splitlines() if line.startswith('{"event"')]

    def close(self):
        self.api.events.put(None)
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.api.shutdown()
        self.api.server_close()
        if self.made_root:
            shutil.rmtree(self.task_root, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()


def processes():
    """Every process of the machine, by /proc alone: pid -> (parent, user, command line)."""
    found = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/%s/stat" % name) as f:
                parent = int(f.read().rsplit(")", 1)[1].split()[1])
            with open("/proc/%s/status" % name) as f:
                user = int(f.read().split("\nUid:", 1)[1].split()[0])
            with open("/proc/%s/cmdline" % name, "rb") as f:
                found[int(name)] = (parent, user, f.read().replace(b"\0", b" ").decode("utf-8", "replace"))
        except (OSError, IndexError):
            pass  # it has just ended
    return found


def below(pid):
    """The pids of all processes below this one."""
    everyone, found, todo = processes(), [], [pid]
    while todo:
        parent = todo.pop()
        children = [p for p, (of, _, _) in everyone.items() if of == parent]
        found += children
        todo += children
    return found


def started(pid):
    """When it was started, in ticks since boot; the greatest number where it is gone."""
    try:
        with open("/proc/%d/stat" % pid) as f:
            return int(f.read().rsplit(")", 1)[1].split()[19])
    except OSError:
        return 1 << 62


def youngest(pids):
    return max(pids, key=lambda p: (started(p), p))


def lasting(pid, count=None, patience=5.0):
    """The pids below that stay from run to run, sorted, and how many there are in all: the youngest is the process that
    waits for the next script, another one each time.  `count`: how many there were; waits until there are as many."""
    end = time.monotonic() + patience
    while True:
        pids = below(pid)
        if (len(pids) == count if count else len(pids) > 1) or time.monotonic() > end:
            return sorted(sorted(pids, key=lambda p: (started(p), p))[:-1]), len(pids)
        time.sleep(0.01)


def running(pids, patience=3.0):
    """Those of the pids that are still processes after a moment; one that only waits to be reaped by init is none."""
    end = time.monotonic() + patience
    while True:
        alive = []
        for pid in pids:
            try:
                with open("/proc/%d/stat" % pid) as f:
                    alive += [pid] * (f.read().rsplit(")", 1)[1].split()[0] not in "ZX")
            except OSError:
                pass
        if not alive or time.monotonic() > end:
            return alive
        time.sleep(0.05)


class Tap:
    """Test Anything Protocol.  Every check is a test point; an exception is one that failed."""

    def __init__(self):
        self.n = self.failed = 0

    def check(self, name, ok, why=""):
        self.n += 1
        self.failed += not ok
        print("%sok %d - %s" % ("" if ok else "not ", self.n, name))
        if not ok and why != "":
            for line in str(why).splitlines()[:40]:
                print("#   " + line[:1000])
        sys.stdout.flush()
        return ok

    def equal(self, name, got, wanted):
        return self.check(name, got == wanted, "got    %r\nwanted %r" % (got, wanted))

    def group(self, name, function, *args):
        try:
            function(self, *args)
        except Exception as error:  # a broken harness must be seen as a failure
            self.check(name, False, "%s: %s" % (type(error).__name__, error))

    def done(self):
        print("1..%d" % self.n)
        sys.exit(1 if self.failed else 0)
