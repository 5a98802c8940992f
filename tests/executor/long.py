"""One environment, very many invocations: nothing grows, and the last are as fast as the first.

usage: long.py [COUNT]       default 1000; `make check-long` runs 10,000, or LONG_COUNT=n
"""
import os
import statistics
import subprocess
import sys
import time

sys.path.insert(0, __file__.rsplit("/", 1)[0])
from harness import Bootstrap, Tap, below  # noqa: E402

SCRIPTS = [
    "result = 1",
    "print('x' * 5000)\nresult = {'a': [1, 2, 3]}",
    "1/0",
    "import os\nfor n in range(20):\n    try: open('/tmp/%d' % n, 'w').write('x' * 1000)\n    except OSError: pass\nresult = 2",
    "import threading\ntry:\n    t = threading.Thread(target=print); t.start(); t.join()\nexcept RuntimeError: pass\nresult = 3",
    "result = 'y' * 300000",
    "import os\nos._exit(3)",
    "import os\nos.kill(os.getpid(), 9)",
]


def counters(b):
    """(memory that is the processes' own in kB, descriptors, processes, entries of /tmp)

    Anonymous memory alone: which pages of a library count as private hangs on who else on the machine has mapped it."""
    memory = descriptors = 0
    time.sleep(0.2)  # until the next script's process waits
    pids = [b.process.pid, *below(b.process.pid)]
    for pid in pids:
        try:
            with open("/proc/%d/smaps_rollup" % pid) as f:
                rows = dict(line.split(":", 1) for line in f.read().splitlines()[1:])
            memory += int(rows["Anonymous"].split()[0])
            descriptors += len(os.listdir("/proc/%d/fd" % pid))
        except OSError:
            pass  # another user's: only root sees all
    return memory, descriptors, len(pids), len(os.listdir("/tmp"))


# Woken, forks, waits, answers: what a run does, without ours.  How slow it is says how busy the machine is meanwhile.
CONTROL = "import os, sys\nfor line in sys.stdin:\n    p = os.fork()\n    if p == 0: os._exit(0)\n    os.waitpid(p, 0)\n    print(flush=True)"


class Control:
    def __init__(self):
        self.p = subprocess.Popen([sys.executable, "-I", "-S", "-c", CONTROL], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def turn(self):
        began = time.perf_counter()
        self.p.stdin.write(b"\n")
        self.p.stdin.flush()
        self.p.stdout.readline()
        return time.perf_counter() - began

    def close(self):
        self.p.stdin.close()
        self.p.wait()


def one(tap, title, count, prefix, env):
    control = Control()
    with Bootstrap(prefix=prefix, env=env) as b:
        for script in SCRIPTS * 5:
            b.run(script)
        window = min(1000, count // 4)
        times, idle, cpu, marks, wrong = [], [], [], [counters(b)], 0
        for n in range(count):
            began = time.perf_counter()
            body = b.run(SCRIPTS[0])
            times.append(time.perf_counter() - began)
            wrong += body["result"] != 1
            cpu.append(body["meta"]["cpu_ms"])
            idle.append(control.turn())
            if n % 10 == 0:
                b.run(SCRIPTS[n // 10 % len(SCRIPTS)])
            if n % max(1, count // 10) == 0:
                marks.append(counters(b))
        marks.append(counters(b))
        def drift(values):
            return statistics.median(values[-window:]) / statistics.median(values[:window])
        first, last = statistics.median(times[:window]), statistics.median(times[-window:])
        print("# %s: %d runs, median %.2f ms, then %.2f ms (the machine itself: x %.2f); processor time x %.2f; memory, descriptors, processes, /tmp: %s ... %s" %
              (title, count, first * 1e3, last * 1e3, drift(idle), drift(cpu), marks[1], marks[-1]))
        tap.equal("%s: every answer is right" % title, wrong, 0)
        half = len(marks) // 2
        for i, (name, slack) in enumerate((("memory", 200), ("descriptors", 0), ("processes", 0))):
            tap.check("%s: no slope in %s" % (title, name), max(m[i] for m in marks[half:]) <= max(m[i] for m in marks[:half]) + slack,
                      [m[i] for m in marks])
        # A machine that became busier is no slope: what its own forks lost is taken off, and processor time is looked at
        # too.  Over few runs noise is larger; the contract's figure is for the thousands.
        most = 1.1 if count >= 10000 else 1.5
        tap.check("%s: the last runs are as fast as the first" % title, min(last / first / max(1, drift(idle)), drift(cpu)) <= most,
                  [first, last, drift(idle), drift(cpu)])
    control.close()


def main():
    tap = Tap()
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    outer = [os.path.join(os.environ.get("top_builddir", "."), "tests/executor/outer_filter"), "61040"]
    tap.group("full", one, "full", count, [], {})
    if os.getuid() == 0:
        tap.group("lockdown", one, "lockdown", count // 2, outer, {"SANDBOXGEN_DISPOSABLE": "1"})
    tap.done()


if __name__ == "__main__":
    main()
