"""make bench: the executor beside others, in turns, in one run.  It only shows; `want` is what the design asks for.

Every figure is a median over the turns; a ratio is the median of the ratios within a turn, so that a machine that becomes
busy meanwhile weighs on both sides.  Two tools are shown where they are: awslambdaric (an interpreter that has it in
$AWSLAMBDARIC, or `python3 -m pip install awslambdaric`) and bubblewrap (package bubblewrap).
"""
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

TOP = os.environ.get("top_srcdir", ".")
BUILD = os.path.abspath(os.environ.get("top_builddir", "."))
sys.path.insert(0, os.path.join(TOP, "tests/executor"))
os.environ["top_builddir"] = BUILD
from harness import Bootstrap  # noqa: E402

TURNS, WARM_UP, COLD_TURNS = int(os.environ.get("BENCH_TURNS", 201)), 5, 25
# awslambdaric's handler: no process, no layer, the script in the process that holds the role's credentials
HANDLER = """
import json
def handler(event, context):
    space = {}
    exec(compile(event["script"], "<script>", "exec"), space)
    return {"statusCode": 200, "body": json.dumps({"result": space["result"]})}
"""


def modules():
    """What the zygote imports, as its own text lists it."""
    with open(os.path.join(TOP, "src/engine/host.py")) as f:
        return re.search(r'PRELOAD = """(.*?)"""', f.read(), re.S)[1].split()


class Server:
    """tests/bench/script or bare: a line in, a line with two numbers out."""

    def __init__(self, name):
        self.p = subprocess.Popen([os.path.join(BUILD, "tests/bench", name), "--serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.profile = self.p.stdout.readline().split()[0]

    def turn(self, line=""):
        self.p.stdin.write(line + "\n")
        self.p.stdin.flush()
        return [float(n) for n in self.p.stdout.readline().split()]

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


def awslambdaric():
    """AWS's own client of the Runtime API around the handler, or None."""
    python = os.environ.get("AWSLAMBDARIC") or sys.executable
    if subprocess.run([python, "-c", "import awslambdaric"], capture_output=True).returncode:
        return None
    task = tempfile.mkdtemp(prefix="handler.")
    with open(os.path.join(task, "lambda_function.py"), "w") as f:
        f.write(HANDLER)
    b = Bootstrap(program=python, args=["-m", "awslambdaric", "lambda_function.handler"], task_root=task, env={"AWS_LAMBDA_FUNCTION_NAME": "f", "PYTHONPATH": task})
    b.made_root = True
    return b


def invocation(b):
    """Milliseconds from an event to its answer, through the same fake of the Runtime API for all."""
    began = time.perf_counter()
    b.raw({"script": "result = 1"})
    return (time.perf_counter() - began) * 1e3


def cold_start():
    """From the start of the program to its first /next."""
    began = time.perf_counter()
    with Bootstrap() as b:
        while b.api.asked is None:
            time.sleep(0.0002)
            if b.process.poll() is not None:
                raise SystemExit("the executor ended: " + b.read_log())
        return (b.api.asked - began) * 1e3


def memory(pid):
    with open("/proc/%d/smaps_rollup" % pid) as f:
        rows = dict(line.split(":", 1) for line in f.read().splitlines()[1:])
    return [int(rows["Rss"].split()[0]), sum(int(rows[k].split()[0]) for k in ("Private_Clean", "Private_Dirty"))]


def high_water(pid):
    with open("/proc/%d/status" % pid) as f:
        return int(re.search(r"VmHWM:\s+(\d+)", f.read())[1])


def row(text, value, unit="ms", want=None):
    print("%-62s %9.2f %s%s" % (text, value, unit, "  (want <= %s)" % want if want else ""))


class Samples:
    def __init__(self):
        self.of = {}

    def add(self, **values):
        for k, v in values.items():
            self.of.setdefault(k, []).append(v)

    def median(self, name):
        return statistics.median(self.of[name])

    def ratio(self, name, base):
        return statistics.median(a / b for a, b in zip(self.of[name], self.of[base]))


def scripts(python):
    ours, bare = Server("script"), Server("bare")
    bwrap, ric, front = bubblewrap(python), awslambdaric(), Bootstrap()
    s = Samples()
    for n in range(-WARM_UP, TURNS):
        (made, made_cpu), (waits, waits_cpu), (plain, plain_cpu) = ours.turn(), ours.turn("w"), bare.turn()
        sample = {"made": made, "made_cpu": made_cpu, "waits": waits, "waits_cpu": waits_cpu, "plain": plain, "plain_cpu": plain_cpu,
                  "pass": timed(python, "-I", "-c", "pass"), "front": invocation(front)}
        if ric:
            sample["ric"] = invocation(ric)
        if bwrap:
            sample["bwrap"] = timed(*bwrap)
        if n >= 0:
            s.add(**sample)
        time.sleep(0.01)
    for server in (ours, bare, front, *([ric] if ric else [])):
        server.close()
    print("a trivial script, profile %s; medians of %d turns" % (ours.profile, TURNS))
    row("request to answer, its process waiting (as on Lambda)", s.median("waits"))
    row("request to answer, its process made then", s.median("made"))
    row("  the same executor without layers, made then", s.median("plain"))
    row("  ratio, both made then", s.ratio("made", "plain"), "", "2")
    row("  ratio, ours waiting", s.ratio("waits", "plain"), "", "2")
    row("python3 -I -c pass", s.median("pass"))
    row("  ratio, made then", s.ratio("made", "pass"), "", "0.5")
    row("  ratio, waiting", s.ratio("waits", "pass"), "", "0.5")
    row("processor time of the script's process, fork to end", s.median("made_cpu"))
    row("  the same without layers", s.median("plain_cpu"))
    row("  ratio", s.ratio("made_cpu", "plain_cpu"), "")
    row("  at 256 MB (0.145 of a processor)", s.median("made_cpu") * 1769 / 256)
    row("over HTTP, event to answer: bootstrap", s.median("front"))
    if ric:
        row("  awslambdaric, exec() in the handler: no isolation", s.median("ric"))
    else:
        print("  awslambdaric is not here: AWSLAMBDARIC=an interpreter with it")
    if bwrap:
        row("bubblewrap and python3 -I", s.median("bwrap"))
    else:
        print("bubblewrap is not here, or not allowed to work")


def cold(python):
    text = "import importlib\nfor n in %r:\n    try: importlib.import_module(n)\n    except ImportError: pass" % modules()
    s = Samples()
    for n in range(-2, COLD_TURNS):
        sample = {"cold": cold_start(), "imports": timed(python, "-I", "-c", text)}
        if n >= 0:
            s.add(**sample)
    row("cold start to the first /next", s.median("cold"))
    row("  python3 -I, the same imports", s.median("imports"))
    row("  ratio", s.ratio("cold", "imports"), "", "1.5")


def sizes():
    with Bootstrap() as b:
        for _ in range(20):
            b.run("result = 1")
        time.sleep(0.2)
        rss, private = memory(b.process.pid)
        row("supervisor, idle after 20 runs, resident", rss / 1024, "MB", "2")
        row("  of it its own", private / 1024, "MB")
        with open("/proc/%d/clear_refs" % b.process.pid, "w") as f:
            f.write("5")  # the high-water mark starts again
        before = high_water(b.process.pid)
        answer = len(b.raw({"script": "result = 'y' * 5000000", "input": "x" * 5000000}))
        row("  peak with 5 MB in and 5 MB out, above idle", (high_water(b.process.pid) - before) / 1024, "MB",
            "%.1f" % ((5000000 + answer) / 2 ** 20 + 1))


def main():
    python = "/usr/bin/python3" if os.path.exists("/usr/bin/python3") else shutil.which("python3")
    scripts(python)
    cold(python)
    sizes()


if __name__ == "__main__":
    main()
