"""make bench: the executor beside others, in turns, in one run.  It only shows; `want` is what the design asks for."""
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import time

TOP = os.environ.get("top_srcdir", ".")
BUILD = os.path.abspath(os.environ.get("top_builddir", "."))
sys.path.insert(0, os.path.join(TOP, "tests/executor"))
os.environ["top_builddir"] = BUILD
from harness import Bootstrap  # noqa: E402

TURNS, WARM_UP = 101, 5


def modules():
    """What the zygote imports, as its own text lists it."""
    with open(os.path.join(TOP, "src/engine/host.py")) as f:
        names = re.search(r'PRELOAD = """(.*?)"""', f.read(), re.S)[1].split()
    return names


# The same fork and run as the zygote's, in Python and without any layer.
BARE = """
import importlib, json, os, sys, gc
for name in %r:
    try: importlib.import_module(name)
    except ImportError: pass
import ast, inspect, types
gc.collect(); gc.freeze()
for line in sys.stdin:
    r, w = os.pipe()
    rin, win = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(win)
        script = json.loads(os.read(rin, 65536))["script"]
        tree = ast.parse(script, "<script>")
        space = types.ModuleType("__main__").__dict__
        exec(compile(tree, "<script>", "exec"), space)
        os.write(w, json.dumps(space["result"]).encode())
        os._exit(0)
    os.close(w); os.close(rin)
    os.write(win, b'{"script": "result = 1"}'); os.close(win)
    while os.read(r, 65536): pass
    os.close(r); os.waitpid(pid, 0)
    sys.stdout.write("\\n"); sys.stdout.flush()
"""
# awslambdaric's handler that runs exec(): no process, no layer
IN_PROCESS = """
import json, sys
def handler(event, context):
    space = {}
    exec(compile(event["script"], "<script>", "exec"), space)
    return {"statusCode": 200, "body": json.dumps({"result": space["result"]})}
for line in sys.stdin:
    json.dumps(handler(json.loads('{"script": "result = 1"}'), None))
    sys.stdout.write("\\n"); sys.stdout.flush()
"""


class Server:
    def __init__(self, *command):
        self.p = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def turn(self):
        began = time.perf_counter()
        self.p.stdin.write("\n")
        self.p.stdin.flush()
        line = self.p.stdout.readline()
        return (time.perf_counter() - began) * 1e3, line

    def close(self):
        self.p.stdin.close()
        self.p.wait()


def timed(*command):
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return (time.perf_counter() - began) * 1e3


def bubblewrap(python):
    if not shutil.which("bwrap"):
        return None
    command = ["bwrap", "--unshare-all", "--die-with-parent", "--ro-bind", "/usr", "/usr", "--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64",
               "/lib64", "--dev", "/dev", "--tmpfs", "/tmp", python, "-I", "-c", "result = 1"]
    return command if subprocess.run(command, capture_output=True).returncode == 0 else None


def cold_start():
    """From the start of the program to its first /next."""
    began = time.perf_counter()
    with Bootstrap() as b:
        asked = b.api.events.get
        b.api.events.get = lambda *a: (setattr(b, "asked", time.perf_counter()), asked(*a))[1]
        while not hasattr(b, "asked"):
            time.sleep(0.0005)
        return (b.asked - began) * 1e3


def memory(pid):
    with open("/proc/%d/smaps_rollup" % pid) as f:
        rows = dict(line.split(":", 1) for line in f.read().splitlines()[1:])
    return [int(rows["Rss"].split()[0]), sum(int(rows[k].split()[0]) for k in ("Private_Clean", "Private_Dirty"))]


def high_water(pid):
    with open("/proc/%d/status" % pid) as f:
        return int(re.search(r"VmHWM:\s+(\d+)", f.read())[1])


def row(text, value, unit="ms", base=None, want=None, against=""):
    ratio = "%6.2f x %s" % (value / base, against) if base else ""
    print("%-46s %9.2f %s  %s%s" % (text, value, unit, ratio, "  (want <= %s)" % want if want else ""))


def main():
    python = "/usr/bin/python3" if os.path.exists("/usr/bin/python3") else shutil.which("python3")
    names = modules()
    ours, bare, inside = (Server(os.path.join(BUILD, "tests/bench/script"), "--serve"), Server(python, "-I", "-S", "-c", BARE % names),
                          Server(python, "-I", "-S", "-c", IN_PROCESS))
    profile = ours.p.stdout.readline().split()
    bwrap = bubblewrap(python)
    got = {k: [] for k in ("ours", "cpu", "bare", "inside", "pass", "bwrap")}
    for n in range(-WARM_UP, TURNS):
        _, line = ours.turn()
        sample = {"ours": float(line.split()[0]), "cpu": float(line.split()[1]), "bare": bare.turn()[0], "inside": inside.turn()[0],
                  "pass": timed(python, "-I", "-c", "pass")}
        if bwrap:
            sample["bwrap"] = timed(*bwrap)
        for k, v in sample.items():
            if n >= 0:
                got[k].append(v)
    for s in (ours, bare, inside):
        s.close()
    m = {k: statistics.median(v) for k, v in got.items() if v}
    row("a trivial script, profile " + profile[0], m["ours"])
    row("  the same fork and run without layers", m["bare"], base=None)
    row("  ratio to that", m["ours"] / m["bare"], "", want="2")
    quick = {k: sorted(v)[len(v) // 10] for k, v in got.items() if v}
    row("  ratio of the quickest tenths (a busy machine)", quick["ours"] / quick["bare"], "", want="2")
    row("  python3 -I -c pass", m["pass"])
    row("  ratio to that", m["ours"] / m["pass"], "", want="0.5")
    row("  processor time of the script's process", m["cpu"])
    row("  exec() in the handler's process, no isolation", m["inside"])
    if bwrap:
        row("  bubblewrap and python3", m["bwrap"])
    cold, imports = [], []
    text = "import importlib\nfor n in %r:\n    try: importlib.import_module(n)\n    except ImportError: pass" % names
    for _ in range(15):
        cold.append(cold_start())
        imports.append(timed(python, "-I", "-c", text))
    c, i = statistics.median(cold), statistics.median(imports)
    row("cold start to the first /next", c)
    row("  python3 -I, the same imports", i)
    row("  ratio", c / i, "", want="1.5")
    with Bootstrap() as b:
        b.run("1")
        rss, private = memory(b.process.pid)
        row("supervisor, idle, resident", rss / 1024, "MB", want="2")
        row("  of it its own", private / 1024, "MB")
        before = high_water(b.process.pid)
        answer = len(json.dumps(b.run("result = 'y' * 5000000", input="x" * 5000000)))
        row("  peak with 5 MB in and 5 MB out, above idle", (high_water(b.process.pid) - before) / 1024, "MB",
            want="%.1f" % ((5000000 + answer) / 2 ** 20 + 1))


if __name__ == "__main__":
    main()
