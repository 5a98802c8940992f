"""Each system call of the layers' code is made to fail, by `strace --inject`, once at each of its occurrences: then the run is
refused, or it is confined by what is left and says so.  Never does a script run unconfined, nor where a call only says that it did it.

usage: injection.py [--all]       the suite takes a sample; --all every occurrence of every call
"""
import concurrent.futures
import json
import os
import shutil
import sys

sys.path.insert(0, __file__.rsplit("/", 1)[0])
from harness import BUILD, ROOT, SECRETS, Bootstrap, Tap, spare_user  # noqa: E402

# The calls with which layers are made, and an error of each that a kernel or a filter can give.  Occurrences are counted
# by process: the second one of the supervisor and that of a child are both the second.
CALLS = [("prctl", "EPERM"), ("seccomp", "EINVAL"), ("prlimit64", "EPERM"), ("unshare", "EPERM"), ("mount", "EACCES"), ("mount_setattr", "EPERM"),
         ("umount2", "EBUSY"), ("pivot_root", "EINVAL"), ("capset", "EPERM"), ("capget", "EFAULT"), ("close_range", "EBADF"), ("setsid", "EPERM"),
         ("chdir", "EACCES"), ("execve", "EACCES"), ("setresuid", "EAGAIN"), ("setresgid", "EPERM"), ("setgroups", "EPERM"), ("memfd_create", "EMFILE"),
         ("fchmod", "EPERM"), ("socketpair", "EMFILE"), ("pipe2", "EMFILE"), ("dup2", "EMFILE"), ("fcntl", "EMFILE"), ("pidfd_open", "ENOSYS"),
         ("clone", "EAGAIN"), ("statfs", "EACCES"), ("mkdir", "ENOSPC"), ("symlink", "ENOSPC"), ("mmap", "ENOMEM"), ("sendmsg", "EPIPE"),
         ("recvmsg", "ECONNRESET"), ("getrandom", "EAGAIN"), ("openat", "EACCES"), ("write", "ENOSPC"), ("wait4", "EINTR"), ("waitid", "EINTR"),
         ("poll", "ENOMEM"), ("landlock_create_ruleset", "EOPNOTSUPP"), ("landlock_add_rule", "EINVAL"), ("landlock_restrict_self", "E2BIG")]
# As far as the layers' code goes; the interpreter makes thousands of some.
OFTEN = {"mmap": (1, 9, 30), "openat": (1, 5, 9, 20), "fcntl": (1, 4, 8), "write": (1, 2, 3, 5), "mount": (1, 2, 3, 4, 8, 14, 15, 16),
         "prlimit64": (1, 2, 4, 9, 14), "mkdir": (1, 5, 12), "clone": (1, 2, 5, 9, 14), "prctl": (1, 2, 3, 4, 5, 6), "execve": (1, 2)}
# Calls that say that they did it and did not: what verifies a layer must see that.
LIES = {"prctl": (1, 2, 3), "seccomp": (1,), "landlock_restrict_self": (1,), "prlimit64": (1, 3), "unshare": (1, 2), "close_range": (1, 2), "capset": (1,),
        "mount": (1, 2), "pivot_root": (1,), "setsid": (1,)}
OUTER = os.path.join(BUILD, "tests/executor/outer_filter")
SPY = """
import ctypes, os, socket
got = []
def attempt(name, f):
    try:
        f()
        got.append(name)
    except Exception:
        pass
attempt("socket", socket.socket)
attempt("socketpair", socket.socketpair)
attempt("fork", os.fork)
attempt("passwd", lambda: open("/etc/passwd").read())
attempt("environ", lambda: open("/proc/self/environ").read())
attempt("parent", lambda: open("/proc/%d/mem" % os.getppid(), "rb"))
attempt("write", lambda: open("/usr/planted", "w"))
attempt("exec", lambda: os.execv("/bin/true", ["true"]) if "seccomp" in input_data else 1 / 0)
if os.environ:
    got.append("environment")
import resource
if resource.getrlimit(resource.RLIMIT_AS)[0] < 0 or resource.getrlimit(resource.RLIMIT_CORE)[1]:
    got.append("limits")
for n in range(4, 64):
    attempt("descriptor %d" % n, lambda: os.fstat(n))
result = got
"""


def traced(call, error, when, more):
    # seccomp-bpf lets the other calls run at full speed
    return [*more[0], "strace", "-f", "-qqq", "--seccomp-bpf", "-o", "/dev/null", "-e", "trace=" + call, "-e",
            "inject=%s:%s:when=%d" % (call, "retval=0" if error == "nothing" else "error=" + error, when), *more[1]]


def outcome(prefix, env, layers):
    """What came of it: "refused", "gone", the kind of an error, or "confined"; or how it was not."""
    with Bootstrap(prefix=prefix, env=env) as b:
        b.send({"script": SPY, "input": layers, "timeout_ms": 5000})
        got = b.receive(40)
        if got is None:
            return "gone", b.read_log()
        if got[0] == ROOT + "/init/error":
            return "refused", ""
        body = json.loads(json.loads(got[1])["body"])
        if any(v.encode() in got[1] for v in SECRETS.values()):
            return "LEAKED", body
        if body["error"]:
            return body["error"]["kind"], body["error"]["message"]
        if body["result"]:
            return "UNCONFINED", body
        return "confined", body["meta"]["profile"]


def inject(tap, title, more, env, every):
    base = outcome([*more[0], *more[1]], env, [])
    tap.equal("%s: nothing injected" % title, base[0], "confined")
    tally = {}
    points = [(call, error, when) for call, error in CALLS for when in (range(1, 61) if every else OFTEN.get(call, range(1, 3)))]
    points += [(call, "nothing", when) for call, times in LIES.items() for when in (range(1, 13) if every else times)]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        outcomes = pool.map(lambda p: outcome(traced(*p, more), env, []), points)
        for (call, error, when), (what, why) in zip(points, outcomes):
            tally[what] = tally.get(what, 0) + 1
            tap.check("%s: %s %d fails with %s: %s" % (title, call, when, error, what), what in
                      {"refused", "gone", "internal", "confined", "exception", "exit", "signal", "memory", "timeout"}, why)
    print("# %s: %s" % (title, tally))
    tap.check("%s: some were refused, and some made no difference" % title, tally.get("refused", 0) > 5 and tally.get("confined", 0) > 5, tally)


def main():
    tap = Tap()
    every = "--all" in sys.argv
    if not shutil.which("strace"):
        tap.check("strace is here (package strace)", False)
        tap.done()
    # as root strace follows set-user-id changes; an unprivileged user traces what is his own
    user = ["setpriv", "--reuid=" + spare_user(0), "--regid=" + spare_user(0), "--clear-groups"] if os.getuid() == 0 else []
    inject(tap, "full", ([], user), {}, every)
    if os.getuid() == 0:
        inject(tap, "lockdown", ([], [OUTER, spare_user(1)]), {"SANDBOXGEN_DISPOSABLE": "1"}, every)
    tap.done()


if __name__ == "__main__":
    main()
