"""Each row of the seccomp table against the real filter: `sandboxgen doctor --calls` says what a call comes to, and a script
that makes it finds just that, in each profile that has the filter.
"""
import json
import os
import re
import subprocess
import sys

sys.path.insert(0, __file__.rsplit("/", 1)[0])
sys.path.insert(0, __file__.rsplit("/", 2)[0] + "/hostile")
from harness import BUILD, Bootstrap, Tap, spare_user  # noqa: E402
from hostile import NUMBERS  # noqa: E402

OUTER = os.path.join(BUILD, "tests/executor/outer_filter")
EPERM, ENOSYS = 1, 38
THREAD = 0x10f00  # what the table asks of a thread's flags; with two more bits the kernel itself says EINVAL
# Arguments that are not -1: calls that would wait, end the process, or change what the script needs.
ARGUMENTS = {"alarm": [0], "umask": [0o22], "set_tid_address": [0], "clone": [THREAD | 0x401000], "setsid": [], "pause": None,
             "exit": None, "exit_group": None, "rt_sigreturn": None, "fork": None, "vfork": None}
# Where the arguments of a call that is allowed only with one condition break it.
BROKEN = {"fcntl": [-1, 1031], "ioctl": [-1, 0x5412], "prctl": [22, 2], "prlimit64": [0, 7, "buffer"], "kill": [1, 0], "tgkill": [1, 1, 0],
          "clone": [17, 0, 0, 0, 0]}
SCRIPT = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
buffer = ctypes.create_string_buffer(256)
def make(n, args):
    ctypes.set_errno(0)
    r = libc.syscall(ctypes.c_long(n), *[ctypes.c_long(os.getpid() if a == "self" else ctypes.addressof(buffer) if a == "buffer" else a) for a in args])
    return ctypes.get_errno() if r == -1 else 0
result = [make(n, args) for n, args in input_data]
"""
# The rest, each by itself.
ALONE = {
    "exit_group": ("import os\nos._exit(7)", "exit"),
    "exit": ("import ctypes\nctypes.CDLL(None).syscall(%d, 7)" % NUMBERS["exit"], "exit"),
    "rt_sigreturn": ("import signal\nsignal.signal(10, lambda *a: None)\nsignal.raise_signal(10)\nresult = 1", None),
    "pause": ("import ctypes, signal\nsignal.signal(14, lambda *a: 1 / 0)\nsignal.setitimer(0, 0.05)\nctypes.CDLL(None).pause()\nresult = 1", "exception"),
}


class Row:
    def __init__(self, line):
        self.action, self.call, rest = re.fullmatch(r"(\w+) +(\w+) +(.*)", line).groups()
        m = re.match(r"argument (\d) (?:& (0x\w+) )?is (0x\w+|the process's own id): ", rest)
        self.index = int(m[1]) - 1 if m else None
        self.value = (m[3] if m[3].startswith("the") else int(m[3], 16)) if m else None
        self.why = rest[m.end():] if m else rest

    def arguments(self):
        """The arguments that keep to the row's condition; None where the row has a script of its own."""
        args = ARGUMENTS.get(self.call, [-1] * 6)
        if self.index is None or args is None or self.call == "clone":
            return args
        args = list(args)
        args[self.index] = "self" if isinstance(self.value, str) else self.value
        if isinstance(self.value, str):
            args = args[:self.index + 1] + ["self", 0][2 - (2 if self.call == "tgkill" else 1):]
        return args


def rows(profile):
    text = subprocess.run([os.path.join(BUILD, "sandboxgen"), "doctor", "--calls", profile], capture_output=True, text=True, check=True).stdout
    *lines, last = text.splitlines()
    assert last == "refuse  every other call", last
    return [Row(line) for line in lines]


def one_profile(tap, title, profile, prefix, env):
    table = [r for r in rows(profile) if r.call in NUMBERS]
    allowed = {r.call for r in table if r.action == "allow"}
    tap.check("%s: %d rows, each with a reason" % (title, len(table)), len(table) > 200 and all(r.why for r in table))
    plain = [r for r in table if r.action != "kill" and r.arguments() is not None and not (r.action == "refuse" and r.call in allowed)]
    broken = [c for c in BROKEN if c in NUMBERS]
    unlisted = sorted(set(NUMBERS) - {r.call for r in table})
    with Bootstrap(prefix=prefix, env=env) as b:
        tap.equal("%s: profile" % title, b.run("1")["meta"]["profile"], profile)
        body = b.run(SCRIPT, input=[[NUMBERS[r.call], r.arguments()] for r in plain])
        tap.check("%s: the calls are made" % title, body["ok"], body)
        for r, e in zip(plain, body["result"] or []):
            right = {"allow": e != EPERM, "refuse": e == EPERM, "ENOSYS": e == ENOSYS}[r.action]
            tap.check("%s: %s %s %s: errno %d" % (title, r.action, r.call, "" if r.value is None else r.value, e), right, r.why)
        body = b.run(SCRIPT, input=[[NUMBERS[c], BROKEN[c]] for c in broken])
        tap.equal("%s: where a condition does not hold" % title, dict(zip(broken, body["result"])), dict.fromkeys(broken, EPERM))
        body = b.run(SCRIPT, input=[[NUMBERS[c], [-1] * 6] for c in unlisted])
        tap.equal("%s: %d calls that are in no row" % (title, len(unlisted)), [c for c, e in zip(unlisted, body["result"]) if e != EPERM], [])
        for call, (script, kind) in ALONE.items():
            if call in NUMBERS:
                body = b.run(script)
                tap.check("%s: %s" % (title, call), (body["error"] or {}).get("kind") == kind, body)
        for r in table:
            if r.action == "kill":
                body = b.run(SCRIPT, input=[[NUMBERS[r.call], [-1] * 6]])
                tap.check("%s: kill %s" % (title, r.call), (body["error"] or {}).get("kind") == "sandbox_denied", [r.why, body])
        tap.equal("%s: afterwards a clean run" % title, b.run("result = 42")["result"], 42)


def main():
    tap = Tap()
    tap.group("full", one_profile, "full", "full", [], {})
    if os.getuid() == 0:
        tap.group("lockdown", one_profile, "lockdown", "lockdown", [OUTER, "-p", spare_user(0)], {})
    tap.done()


if __name__ == "__main__":
    main()
