"""A function's memory: in a cgroup of just that size scripts that want more end with `memory`, and the executor stays.

The group is made by root, version 1 or 2, whichever the machine has; elsewhere the same runs are judged by resident memory.
"""
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, __file__.rsplit("/", 1)[0])
from harness import BUILD, Bootstrap, Tap, lasting, spare_user  # noqa: E402

MB = 256
RUNS = int(os.environ.get("MEMORY_RUNS", 10))  # of each greedy script
GREEDY = [
    ("a list of buffers", "x = []\nwhile True: x.append(bytearray(1 << 20))", {"memory"}),
    ("a string that doubles", "x = 'a'\nwhile True: x += x", {"memory"}),
    ("mappings that are touched", "import mmap\nx = []\nwhile True:\n    m = mmap.mmap(-1, 1 << 22)\n    m.write(b'x' * (1 << 22))\n    x.append(m)", {"memory"}),
    ("a full /tmp and then memory", "try:\n    with open('/tmp/f', 'wb') as f:\n        while True: f.write(bytes(1 << 20))\nexcept OSError: pass\n"
     "x = []\nwhile True: x.append(bytearray(1 << 20))", {"memory"}),
    ("threads with stacks", "import threading, time\ndef f(n=0):\n    return f(n + 1) if n < 900 else time.sleep(0.05)\nx = []\n"
     "try:\n    for _ in range(40): threading.Thread(target=f).start()\nexcept RuntimeError: pass\nwhile True: x.append(bytearray(1 << 20))", {"memory", "exception"}),
]


class Group:
    """A memory cgroup, or None's worth of one: `there` says."""

    # version, files with their values in bytes: the limit, then the limit with swap (v1) or of swap (v2)
    KINDS = ((1, ("memory.limit_in_bytes", 1), ("memory.memsw.limit_in_bytes", 1)), (2, ("memory.max", 1), ("memory.swap.max", 0)))

    def __init__(self, megabytes, bases=("/sys/fs/cgroup/memory", "/sys/fs/cgroup")):
        self.path = self.version = None
        for base, (version, limit, swap) in zip(bases, self.KINDS):
            path = base + "/sandboxgen-test-%d" % os.getpid()
            try:
                if version == 2:
                    self.write(base, "cgroup.subtree_control", "+memory")
                os.mkdir(path)
            except OSError:
                continue
            try:
                self.write(path, limit[0], limit[1] * megabytes << 20)
                self.path, self.version = path, version
                self.write(path, swap[0], swap[1] * megabytes << 20)
                return
            except OSError:
                if self.path:
                    return  # no accounting of swap
                os.rmdir(path)

    @staticmethod
    def write(path, name, value):
        with open(os.path.join(path, name), "w") as f:
            f.write(str(value))

    def read(self, name):
        with open(os.path.join(self.path, name)) as f:
            return f.read()

    def prefix(self):
        return ["sh", "-c", "echo $$ > %s/cgroup.procs && exec \"$@\"" % self.path, "sh"] if self.path else []

    def peak(self):
        try:
            return int(self.read("memory.max_usage_in_bytes" if self.version == 1 else "memory.peak"))
        except OSError:
            return None

    def close(self):
        for _ in range(100):
            try:
                return os.rmdir(self.path) if self.path else None
            except OSError:
                time.sleep(0.05)


def groups(tap):
    """What is written for each version, into a tree that only looks like one: a machine has one version, not both."""
    for version, wanted in ((1, {"memory.limit_in_bytes": "268435456", "memory.memsw.limit_in_bytes": "268435456"}),
                            (2, {"memory.max": "268435456", "memory.swap.max": "0"})):
        top = tempfile.mkdtemp(prefix="cgroup.")
        g = Group(MB, [top if v == version else top + "/absent" for v in (1, 2)])
        got = {name: g.read(name) for name in os.listdir(g.path)} if g.path else None
        tap.equal("a group of version %d" % version, (g.version, got), (version, wanted))
        subprocess.run([*g.prefix(), "true"], check=True)
        tap.check("a process enters it", g.path and int(g.read("cgroup.procs")) > 1)
        open(os.path.join(g.path, "memory.max_usage_in_bytes" if version == 1 else "memory.peak"), "w").write("77")
        tap.equal("and its peak is read", g.peak(), 77)
        shutil.rmtree(top)


def one(tap, title, prefix, env):
    group = Group(MB)
    print("# %s: memory cgroup: %s" % (title, "version %s" % group.version if group.path else "none can be made"))
    with Bootstrap(prefix=[*group.prefix(), *prefix], env=env, memory=MB) as b:
        b.run("1")
        time.sleep(0.5)
        pids, number = lasting(b.process.pid)
        limit = [e["script_memory_mb"] for e in b.events() if e["event"] == "start"][0]
        tap.check("%s: a script may have %d of %d MB: what is configured without what the executor was measured to need" % (title, limit, MB),
                  MB - 60 <= limit < MB - 16, limit)
        for name, script, kinds in GREEDY:
            for n in range(RUNS):
                body = b.run(script, timeout_ms=20000)
                kind = (body["error"] or {"kind": None})["kind"]
                if kind not in kinds or n == RUNS - 1:
                    tap.check("%s: %s, %d times: %s" % (title, name, n + 1, kind), kind in kinds, body)
                    break
        tap.equal("%s: the executor is the same after %d of them" % (title, RUNS * len(GREEDY)), [lasting(b.process.pid, number), b.process.poll()], [(pids, number), None])
        fits = b.run("x = bytearray(%d << 20)\nfor i in range(0, len(x), 4096): x[i] = 1\nresult = len(x)" % (limit - 24))
        tap.check("%s: what is promised can be used" % title, fits["result"] == (limit - 24) << 20, fits)
        tap.equal("%s: and a clean run" % title, b.run("result = 42")["result"], 42)
        if group.path and group.peak():
            print("# %s: peak of the group: %.1f MB of %d" % (title, group.peak() / 2 ** 20, MB))
    group.close()


def main():
    tap = Tap()
    signal.signal(signal.SIGTERM, lambda *a: sys.exit(1))
    tap.group("groups", groups)
    tap.group("full", one, "full", [], {})
    if os.getuid() == 0:
        tap.group("lockdown", one, "lockdown", [os.path.join(BUILD, "tests/executor/outer_filter"), spare_user(0)], {"SANDBOXGEN_DISPOSABLE": "1"})
    tap.done()


if __name__ == "__main__":
    main()
