"""`sandboxgen run`: what it prints and where, its exit codes, and that it needs namespaces of its own."""
import json
import os
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, __file__.rsplit("/", 1)[0])
from harness import BUILD, SECRETS, Tap, below, running, spare_user  # noqa: E402

PROGRAM = os.path.join(BUILD, "sandboxgen")


def run(script, *options, prefix=(), env=None, timeout=60):
    full = dict(os.environ, **SECRETS)
    full.update(env or {})
    done = subprocess.run([*prefix, PROGRAM, "run", "-", *options], input=script, env=full, capture_output=True, text=True,
                          timeout=timeout)
    return done.returncode, done.stdout, done.stderr


# (script, options, exit code, standard output, part of standard error)
CASES = [
    ("print('hi')\nprint('there')", [], 0, "hi\nthere\n", ""),
    ("result = {'a': 'é'}", [], 0, '{"a":"é"}\n', ""),
    ("print('p')\nresult = 'text'", [], 0, "text\n", "p\n"),
    ("import sys\nprint('e', file=sys.stderr)\nresult = 1", [], 0, "1\n", "e\n"),
    ("", [], 0, "", ""),
    ("result = input_data['n']", ["--input", '{"n": 5}'], 0, "5\n", ""),
    ("1/0", [], 1, "", "exception: ZeroDivisionError: division by zero"),
    ("x = = 1", [], 1, "", "syntax: SyntaxError"),
    ("import sys\nsys.exit(3)", [], 1, "", "exit"),
    ("while True: pass", ["--timeout", "0.3"], 1, "", "timeout"),
    ("x = bytearray(200 << 20)", ["--memory", "128"], 1, "", "memory"),
    ("result = len(bytearray(200 << 20))", ["--memory", "512"], 0, "209715200\n", ""),
    ("1", ["--timeout", "x"], 2, "", "--timeout"),
    ("1", ["--timeout", "0"], 2, "", "--timeout"),
    ("1", ["--memory", "1"], 2, "", "--memory"),
    ("1", ["--input", "{"], 2, "", "--input"),
    ("1", ["--input", "@/nonexistent"], 2, "", "/nonexistent"),
    ("1", ["--python", "/nonexistent/python3.12"], 2, "", "/nonexistent/python3.12"),
    ("1", ["--python", "/bin/sh"], 2, "", "not a Python"),
    ("import os\nresult = [dict(os.environ), os.path.exists('/proc'), os.listdir('/tmp'), os.getcwd()]", [], 0,
     '[{},false,[],"/tmp"]\n', ""),
]


def cases(tap):
    for script, options, code, out, error in CASES:
        got = run(script, *options)
        tap.check("%r %s" % (script[:40], " ".join(options)), got[0] == code and got[1] == out and error in got[2], got)
    got = run("result = 1\nprint('x')", "--json")
    body = json.loads(got[1])
    tap.check("--json prints the body", got[0] == 0 and body["result"] == 1 and body["stdout"] == "x\n" and got[2] == "", got)
    got = run("1/0", "--json")
    tap.check("--json of a failure", got[0] == 1 and json.loads(got[1])["error"]["kind"] == "exception", got)


def files(tap):
    with tempfile.TemporaryDirectory() as d:
        script, data = d + "/s.py", d + "/d.json"
        with open(script, "w") as f:
            f.write("result = input_data")
        with open(data, "w") as f:
            f.write("[1, 2]")
        os.chmod(d, 0o700)  # a caller's own directory: the program reads it before it gives up what it may
        done = subprocess.run([PROGRAM, "run", script, "--input", "@" + data], capture_output=True, text=True)
        tap.check("a script and an input in files", (done.returncode, done.stdout) == (0, "[1,2]\n"), done)
        for name, word in ((d, "directory"), (d + "/none", "No such file"), ("/dev/zero", "device")):
            done = subprocess.run([PROGRAM, "run", name], capture_output=True, text=True, timeout=20)
            tap.check("%s is no script" % word, done.returncode == 2 and word in done.stderr and not done.stdout, done)
        done = subprocess.run([PROGRAM, "run", ":sealed"], capture_output=True, text=True, env={}, timeout=20)
        tap.check("the second life is not for callers", done.returncode == 2 and not done.stdout, done)
        with open(script, "wb") as f:
            f.write(b"x = '\xff'")
        done = subprocess.run([PROGRAM, "run", script], capture_output=True, text=True, timeout=20)
        tap.check("a script that is not UTF-8", done.returncode == 2 and "byte 6" in done.stderr, done)


def refused(tap):
    if os.getuid() != 0:
        return
    outer = os.path.join(BUILD, "tests/executor/outer_filter")
    got = run("result = 1", prefix=[outer, spare_user(5)])
    tap.check("without namespaces it refuses, and says what to do", got[0] == 2 and "--disposable" in got[2] and not got[1], got)
    got = run("result = 1", "--disposable", prefix=[outer, spare_user(5)])
    tap.check("--disposable runs", got[:2] == (0, "1\n"), got)


def endings(tap):
    for name in ("SIGINT", "SIGTERM", "SIGKILL"):
        p = subprocess.Popen([PROGRAM, "run", "-"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                             # a background job of a shell has it ignored, and that is inherited
                             preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
        p.stdin.write(b"while True: pass")
        p.stdin.close()
        end = time.monotonic() + 10
        pids = []
        while len(pids) < 3 and time.monotonic() < end:  # who holds the namespace, the zygote, the script
            time.sleep(0.05)
            pids = below(p.pid)
        p.send_signal(getattr(signal, name))
        p.wait(10)
        tap.check("%s leaves no process" % name, len(pids) >= 3 and not running(pids), pids)


def main():
    tap = Tap()
    for group in (cases, files, refused, endings):
        tap.group(group.__name__, group)
    tap.done()


if __name__ == "__main__":
    main()
