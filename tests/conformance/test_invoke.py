"""Acceptance: AWS's own Runtime Interface Emulator starts the built `bootstrap` as Lambda starts an exec wrapper, without
root's rights, and every script gets the answer that product.md documents, the one after it as if nothing had been.
"""
import http.client
import json
import os
import pathlib
import platform
import shutil
import socket
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent / "lib"))
import bench
import loopback
import tap

FUNCTION = "workflow-python-executor"
TIMEOUT = 8
MY_SCRIPT = '''# my_script.py
import platform
print(f"Hello from a secure, isolated sandbox!")
print(f"Running on Python version: {platform.python_version()}")
'''
# Split, so that a script that looks for it does not hold it.
PLANTED = {"AWS_ACCESS_KEY_ID": ("AKIAPLANTED", "0KEY0ID00"), "AWS_SECRET_ACCESS_KEY": ("planted-secret-", "access-key-7c1f"),
           "AWS_SESSION_TOKEN": ("planted-session-", "token-b04d")}
LOOK_FOR_CREDENTIALS = '''
import os
words = [a + b for a, b in %r]
seen = []
def look(where, data):
    if any(word in data for word in words):
        seen.append(where)
look("environ", repr(dict(os.environ)))
paths = ["/proc/self/environ", "/proc/1/environ"]
try:
    paths += ["/proc/%%s/%%s" %% (pid, name) for pid in os.listdir("/proc") if pid.isdigit() for name in ("environ", "cmdline")]
except OSError:
    pass
for path in paths:
    try:
        look(path, open(path, errors="replace").read())
    except OSError:
        pass
result = seen
''' % (list(PLANTED.values()),)


class Function:
    """RIE with our bootstrap in it, and in front of it Lambda's invoke call under the function's own name."""

    def __init__(self, python, bundle):
        self.home = bench.scratch()
        task = self.home / "task"
        shutil.copytree(bundle, task)
        shutil.copyfile(self.emulator(), task / "rie")
        (task / "rie").chmod(0o755)
        self.port, rie, api = (loopback.free_port() for _ in range(3))
        env = {
            "PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "LANG": "C.UTF-8", "AWS_REGION": bench.REGION,
            "AWS_LAMBDA_FUNCTION_NAME": FUNCTION, "AWS_LAMBDA_FUNCTION_TIMEOUT": str(TIMEOUT), "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
            "LAMBDA_TASK_ROOT": str(task), **{key: "".join(parts) for key, parts in PLANTED.items()},
        }
        self.log = self.home / "rie.log"
        self.rie = loopback.Server(
            bench.as_other_user([str(task / "rie"), "--runtime-interface-emulator-address", f"127.0.0.1:{rie}",
                                 "--runtime-api-address", f"127.0.0.1:{api}",
                                 # what Lambda hands a wrapper: the interpreter's command line
                                 str(task / "bootstrap"), python, "/var/runtime/bootstrap.py"]),
            rie, env, self.log, cwd=task).wait_ready()
        front = [sys.executable, "-B", bench.HERE / "drivers" / "lambda_front.py", str(self.port), str(rie), FUNCTION]
        self.front = loopback.Server(front, self.port, bench.clean_env(), self.home / "front.log").wait_ready()

    @staticmethod
    def emulator():
        name = "aws-lambda-rie-" + {"aarch64": "arm64"}.get(platform.machine(), platform.machine())
        return next(pathlib.Path(bench.tool("SAM")).glob(f"lib/python*/site-packages/samcli/local/rapid/{name}"))

    def invoke(self, **event):
        """The answer's body, read; with "_raw" the answer itself where it has no such body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        connection.request("POST", f"/2015-03-31/functions/{FUNCTION}/invocations", json.dumps(event))
        raw = connection.getresponse().read()
        try:
            answer = json.loads(raw)
            return {**json.loads(answer["body"]), "_status": answer["statusCode"], "_size": len(raw)}
        except (ValueError, KeyError, TypeError):
            return {"_raw": raw[:2000].decode("utf-8", "replace"), "_log": self.rie.tail(20)}

    def stop(self):
        self.front.stop()
        self.rie.stop()


def kind(answer):
    return (answer.get("error") or {}).get("kind")


def seed_steps(function, how, version):
    """The commands of the README, but for --endpoint-url."""
    place = function.home / "steps"
    place.mkdir()
    (place / "my_script.py").write_text(MY_SCRIPT)
    (place / ".aws").mkdir()
    (place / ".aws" / "credentials").write_text("[workflow-app-dev]\naws_access_key_id = x\naws_secret_access_key = y\n")
    env = bench.clean_env(HOME=place)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        del env[name]
    recipes = {
        "sandboxgen payload": f"'{bench.SANDBOXGEN}' payload my_script.py > payload.json",
        "jq": "jq -Rs '{script: .}' < my_script.py > payload.json",
        "the seed's printf": """printf '{ "script": "%s" }' "$(cat my_script.py | sed 's/"/\\\\\\"/g' | tr -d '\\n')" > payload.json""",
    }
    steps = (
        f"'{bench.tool('AWS')}' lambda invoke --function-name workflow-python-executor --cli-binary-format raw-in-base64-out "
        f"--payload file://payload.json --profile workflow-app-dev --region ap-south-1 --endpoint-url http://127.0.0.1:{function.port} "
        "response.json >&2 && cat response.json | jq -r '.body' | jq -r '.result'")
    expected = f"Hello from a secure, isolated sandbox!\nRunning on Python version: {version}"
    for name, recipe in recipes.items():
        result = bench.run("bash", "-ec", f"{recipe}\n{steps}", cwd=place, env=env)
        if name == "the seed's printf":
            # It joins the lines, so that the whole script is one comment: an event like any other, with nothing printed.
            tap.ok(result.status == 0 and "Hello" not in result.out, f"{how}: the seed's own payload recipe is still an event", result)
        else:
            tap.ok(result.status == 0 and result.out.strip() == expected, f"{how}: the seed's steps with {name} print its expected output", result)


LEAVE_THINGS_BEHIND = '''
import builtins, json, os, sys
left = builtins.left = sys.left = 1
json.dumps = print = None
for path in ("/tmp/left", "/dev/shm/left", "left"):
    try:
        open(path, "w").write("left")
    except OSError:
        pass
try:
    if os.fork() == 0:
        os.setsid()
        import time
        end = time.time() + 60
        while time.time() < end:
            pass
except OSError:
    pass
result = "left"
'''
LOOK_WHAT_IS_LEFT = '''
import builtins, json, os, sys
result = [name for name in ("left",) if name in globals() or hasattr(builtins, name) or hasattr(sys, name)]
result += [path for path in ("/tmp/left", "/dev/shm/left", "left") if os.path.exists(path)]
result.append(json.dumps({"answer": 42}))
print("clean")
'''


def check_clean(function, how, after):
    answer = function.invoke(script=LOOK_WHAT_IS_LEFT)
    tap.ok(answer.get("ok") is True and answer.get("result") == ['{"answer": 42}'] and answer.get("stdout") == "clean\n"
           and not answer.get("stderr"), f"{how}: the next invocation after {after} is clean", answer)


def twenty_in_a_row(function, how):
    answers = [function.invoke(script=f"left = {number}\nprint(input_data['n'] * 2)", input={"n": number}) for number in range(20)]
    tap.same([answer.get("result") for answer in answers], [f"{number * 2}" for number in range(20)], f"{how}: twenty invocations in a row")
    runs = {answer.get("meta", {}).get("run_id") for answer in answers}
    tap.ok(len(runs) == 20 and None not in runs, f"{how}: each has a run id of its own", runs)
    tap.ok(all(answer["meta"]["profile"] in ("full", "lockdown") and answer["meta"]["layers"] for answer in answers if "meta" in answer),
           f"{how}: each says which walls stood", answers[0])


# name, event, what the answer must be
CASES = (
    ("a timeout of its own", {"script": "while True: pass", "timeout_ms": 700},
     lambda a: a["_status"] == 200 and a["ok"] is False and kind(a) == "timeout"),
    ("a timeout of the function", {"script": "print('before', flush=True)\nwhile True: pass"},
     lambda a: a["ok"] is False and kind(a) == "timeout" and a["stdout"] == "before\n"),
    ("an exception", {"script": "def f():\n    return 1 / 0\nf()"},
     lambda a: a["ok"] is False and kind(a) == "exception" and a["error"]["type"] == "ZeroDivisionError" and a["error"]["line"] == 2
     and a["error"]["reported"] is True),
    ("a syntax error", {"script": "x = ("}, lambda a: kind(a) == "syntax" and a["error"]["type"] == "SyntaxError"),
    ("sys.exit(3)", {"script": "import sys\nprint('so far')\nsys.exit(3)"},
     lambda a: a["ok"] is False and kind(a) == "exit" and a["stdout"] == "so far\n"),
    ("a segfault through ctypes", {"script": "import ctypes\nctypes.string_at(0)"},
     lambda a: a["ok"] is False and kind(a) in ("signal", "sandbox_denied", "exception") and a["_status"] == 200),
    ("os._exit", {"script": "import os\nos._exit(0)"}, lambda a: a["ok"] is False and kind(a) in ("exit", "signal", "internal")),
    ("50 MB of output", {"script": "for _ in range(50):\n    print('x' * (1 << 20))\nresult = 'done'"},
     lambda a: a["ok"] is True and a["truncated"]["stdout"] is True and len(a["stdout"]) == 256 * 1024 and a["result"] == "done"),
    ("80 MB of output", {"script": "for _ in range(80):\n    print('x' * (1 << 20))"},
     lambda a: a["ok"] is False and kind(a) == "output_limit"),
    ("a result of 7 MB", {"script": "result = 'x' * 7_000_000"},
     lambda a: a["ok"] is False and kind(a) == "result_too_large" and a["_size"] < 6_291_556),
    ("a result that is not JSON", {"script": "result = object()"}, lambda a: a["ok"] is False and kind(a) == "result_not_json"),
    ("1 GB of memory", {"script": "x = bytearray(1 << 30)"},
     lambda a: a["ok"] is False and (kind(a) == "memory" or (kind(a) == "exception" and a["error"]["type"] == "MemoryError"))),
    ("what a script leaves behind", {"script": LEAVE_THINGS_BEHIND}, lambda a: "ok" in a),
    ("no script", {"input": 1}, lambda a: a["_status"] == 400 and kind(a) == "bad_request"),
)


def hostile_scripts(function, how):
    for name, event, expected in CASES:
        answer = function.invoke(**event)
        try:
            good = expected(answer)
        except (KeyError, TypeError):
            good = False
        tap.ok(good, f"{how}: {name} has the documented answer", {key: str(value)[:400] for key, value in answer.items()})
        check_clean(function, how, name)


class Listeners:
    """One listener for each way to reach another process of this machine; `seen` collects what arrived."""

    def __init__(self, place):
        self.seen = []
        self.path, self.name = str(place / "listener.sock"), f"sandboxgen-test-{place.name}"
        self.sockets = {}
        for kind_of, family, style, address in (
                ("tcp", socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)), ("udp", socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0)),
                ("unix", socket.AF_UNIX, socket.SOCK_STREAM, self.path), ("abstract", socket.AF_UNIX, socket.SOCK_STREAM, "\0" + self.name)):
            one = socket.socket(family, style)
            one.bind(address)
            if style == socket.SOCK_STREAM:
                one.listen()
            self.sockets[kind_of] = one
            threading.Thread(target=self.watch, args=(kind_of, one), daemon=True).start()
        os.chmod(self.path, 0o777)

    def watch(self, kind_of, one):
        while True:
            try:
                what = one.recvfrom(100) if kind_of == "udp" else one.accept()
            except OSError:
                return
            self.seen.append((kind_of, repr(what)[:100]))

    def port(self, kind_of):
        return self.sockets[kind_of].getsockname()[1]

    def script(self):
        return f'''
import socket
def attempt(family, style, address):
    try:
        with socket.socket(family, style) as s:
            s.settimeout(2)
            if style == socket.SOCK_DGRAM:
                s.sendto(b"hello", address)
            else:
                s.connect(address)
                s.sendall(b"hello")
        return "sent"
    except Exception as problem:
        return type(problem).__name__
result = [attempt(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", {self.port("tcp")})),
          attempt(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", {self.port("udp")})),
          attempt(socket.AF_UNIX, socket.SOCK_STREAM, {self.path!r}),
          attempt(socket.AF_UNIX, socket.SOCK_STREAM, "\\0" + {self.name!r})]
'''


def nothing_gets_out(function, how):
    listeners = Listeners(function.home)
    own = subprocess.run([sys.executable, "-c", listeners.script()], capture_output=True, text=True)
    time.sleep(0.3)
    reached = {name for name, _ in listeners.seen}
    tap.same(reached, {"tcp", "udp", "unix", "abstract"}, f"{how}: the listeners hear this script outside of the sandbox")
    tap.ok(own.returncode == 0, f"{how}: which runs to its end there", own.stderr)
    listeners.seen.clear()
    answer = function.invoke(script=listeners.script())
    time.sleep(0.5)
    tap.same(listeners.seen, [], f"{how}: in the sandbox the listeners hear nothing")
    tap.ok("_raw" not in answer and not (answer.get("ok") and "sent" in (answer.get("result") or [])),
           f"{how}: and the script is told so", answer)
    for one in listeners.sockets.values():
        one.close()


def no_credentials(function, how):
    answer = function.invoke(script=LOOK_FOR_CREDENTIALS)
    tap.ok(answer.get("ok") is True and answer.get("result") == [], f"{how}: a script finds no credentials", answer)
    written = function.log.read_text(errors="replace")
    words = ["".join(parts) for parts in PLANTED.values()]
    tap.ok(not any(word in written for word in words), f"{how}: none are in the log", written[-2000:])
    found = subprocess.run(
        ["find", "/tmp", "/dev/shm", "/var/tmp", "-xdev", "-type", "f", "-newer", function.home / "task" / "rie", "-exec", "grep", "-lsF",
         *[part for word in words for part in ("-e", word)], "{}", "+"], capture_output=True, text=True)
    tap.same(found.stdout, "", f"{how}: none are in a file that was written since")


def built(place):
    """The bundle that `sam build` makes of a rendered set."""
    home = bench.scratch()  # not in the set: `sam build` copies that
    env = bench.clean_env(HOME=home, TMPDIR=home, PATH=f"{pathlib.Path(bench.SANDBOXGEN).parent}:/usr/local/bin:/usr/bin:/bin",
                          PYTHON=bench.venv("SAM", "python"))
    result = bench.run(bench.venv("SAM", "sam"), "build", cwd=place, env=env)
    tap.ok(result.status == 0, f"{place.name}: sam build", result)
    return place / ".aws-sam" / "build" / "ExecutorFunction"


def locked_packages():
    """Packages of the lock are in the bundle, and in the scripts' reach; what is not in it stays out."""
    version = "2.9.0.post0"
    function = Function(bench.reachable_python(bench.tool("PYTHON312")), built(bench.example("packages", bench.scratch() / "packages")))
    try:
        answer = function.invoke(script="import dateutil\nfrom dateutil import parser\nresult = [dateutil.__version__, parser.parse('May 1 2026').month]")
        tap.ok(answer.get("ok") is True and answer.get("result") == [version, 5], "packages: a script imports what was locked", answer)
        answer = function.invoke(script="import numpy")
        tap.ok(kind(answer) == "exception" and answer["error"]["type"] == "ModuleNotFoundError", "packages: and nothing else", answer)
    finally:
        function.stop()


def with_python(tool):
    python = bench.reachable_python(bench.tool(tool))
    version = bench.run(python, "-I", "-c", "import platform; print(platform.python_version())").out.strip()
    how = f"Python {version}"
    function = Function(python, built(bench.render("{}\n", bench.scratch() / "seed")))
    try:
        seed_steps(function, how, version)
        twenty_in_a_row(function, how)
        hostile_scripts(function, how)
        nothing_gets_out(function, how)
        no_credentials(function, how)
    finally:
        function.stop()


def python_311():
    with_python("PYTHON311")


def python_312():
    with_python("PYTHON312")


def python_313():
    with_python("PYTHON313")


def python_314():
    with_python("PYTHON314")


tap.main(python_311, python_312, python_313, python_314, locked_packages)
