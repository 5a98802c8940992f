"""Acceptance: a function's memory in a cgroup of version 2, and what else another kernel decides: Debian's, in a machine of its own.

A sample; `make check-vm` takes all of it: MEMORY_RUNS=n of each greedy script, HOSTILE="full …" the hostile scripts in these settings too.
"""
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent
BUILD = pathlib.Path(os.environ["BOOTSTRAP"]).resolve().parent
CACHE = os.environ.get("SANDBOXGEN_CACHE", str(TOP / ".cache"))
PROGRAMS = ["setpriv", "sleep", "true", "cat", "find", "mount", "umount", "uname", "env", "id", "ls", "timeout"]
sys.path.insert(0, str(HERE / "lib"))
import tap  # noqa: E402


def in_machine(kernel, seconds, files, *command):
    """What the command prints in the machine; each of its checks is one here."""
    options = ["--kernel", kernel, "--memory", "2000", "--seconds", str(seconds)]
    for name in PROGRAMS:
        options += ["--program", name]
    for path in [BUILD / "bootstrap", TOP / "tests/executor", TOP / "tests/hostile", BUILD / "tests/executor/outer_filter", *files]:
        options += ["--file", str(path)]
    for name in ("top_srcdir", "top_builddir", "MEMORY_RUNS", "SANDBOXGEN_CALLS", "HOSTILE_MS"):
        options += ["--env", name]
    environment = {**os.environ, "top_srcdir": str(TOP), "top_builddir": str(BUILD), "MEMORY_RUNS": os.environ.get("MEMORY_RUNS", "2"),
                   "SANDBOXGEN_CALLS": str(files[0]) if files else "", "HOSTILE_MS": "9000"}
    boot = subprocess.Popen([sys.executable, "-B", str(TOP / "tests/vm/boot.py"), *options, "--", *map(str, command)], cwd=TOP, env=environment,
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    signal.signal(signal.SIGTERM, lambda *a: (boot.terminate(), sys.exit(143)))
    said = boot.communicate()[0]
    return boot.returncode, said


def told(title, status, said):
    """The machine's own test points, and that they are all."""
    points = re.findall(r"^(ok|not ok) \d+ - (.*)((?:\n#   .*)*)", said, re.M)
    plan = re.search(r"^1\.\.(\d+)$", said, re.M)
    for verdict, name, detail in points:
        tap.ok(verdict == "ok", "%s: %s" % (title, name), detail)
    for line in re.findall(r"^# .*", said, re.M):
        tap.note(line[2:])
    tap.ok(status == 0 and plan and int(plan[1]) == len(points) > 0, "%s: the machine came to its end" % title, "exit %s\n%s" % (status, said[-2000:]))


def memory(kernel):
    status, said = in_machine(kernel, 1200, [], "/usr/bin/python3", "-B", TOP / "tests/executor/memory.py")
    told("memory", status, said)
    tap.same(sorted(re.findall(r"^# (\w+): memory cgroup: (.*)$", said, re.M)), [("full", "version 2"), ("lockdown", "version 2")],
             "both profiles had a group of version 2")


def hostile(kernel, settings):
    with tempfile.TemporaryDirectory(prefix="calls.") as folder:
        calls = pathlib.Path(folder, "calls.h")
        calls.write_text(subprocess.run(["cc", "-E", "-dM", "-x", "c", "-"], input="#include <sys/syscall.h>\n", capture_output=True, text=True,
                                        check=True).stdout, encoding="utf-8")
        for setting in settings:  # side by side they would be too slow for their deadlines
            status, said = in_machine(kernel, 1800, [calls], "/usr/bin/python3", "-B", TOP / "tests/hostile/hostile.py", setting)
            told("hostile", status, said)


def run():
    found = subprocess.run([str(TOP / "tests/vm/get-kernel"), CACHE], capture_output=True, text=True, check=False)
    if not tap.ok(found.returncode == 0, "Debian's kernel is there", found.stderr):
        return
    kernel = found.stdout.strip()
    tap.note("kernel %s" % pathlib.Path(kernel).name)
    memory(kernel)
    if os.environ.get("HOSTILE"):
        hostile(kernel, os.environ["HOSTILE"].split())


tap.main(run)
