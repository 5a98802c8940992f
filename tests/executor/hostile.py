"""Hostile scripts against the real program, in each profile that this machine can show: as it starts here, as an
unprivileged user, and as that user under a filter that refuses what Lambda is said to refuse (root only).

After each script a canary must return 42 from the same program.
"""
import os
import socket
import sys
import tempfile
import threading

sys.path.insert(0, __file__.rsplit("/", 1)[0])
from harness import BUILD, SECRETS, Bootstrap, Tap, below  # noqa: E402
from scripts import DENIED, LEAVES, LEFT, LOUD, MARKS, PRELUDE, QUIET  # noqa: E402

LOUD_TIMEOUT = 700


class Listeners:
    """What a script would reach if it had a network: they must see nothing."""

    def __init__(self):
        self.seen = []
        self.directory = tempfile.mkdtemp(prefix="listen.")
        os.chmod(self.directory, 0o755)
        self.sockets = [socket.socket(socket.AF_INET, socket.SOCK_STREAM), socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
                        socket.socket(socket.AF_UNIX, socket.SOCK_STREAM), socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)]
        self.unix, self.abstract = self.directory + "/s", os.path.basename(self.directory)
        for s, address in zip(self.sockets, [("127.0.0.1", 0), ("127.0.0.1", 0), self.unix, "\0" + self.abstract]):
            s.bind(address)
            if s.type == socket.SOCK_STREAM:
                s.listen(8)
            threading.Thread(target=self.watch, args=(s,), daemon=True).start()
        os.chmod(self.unix, 0o777)

    def watch(self, s):
        try:
            self.seen.append(s.accept() if s.type == socket.SOCK_STREAM else s.recvfrom(100))
        except OSError:
            pass

    def ports(self):
        return {"tcp": self.sockets[0].getsockname()[1], "udp": self.sockets[1].getsockname()[1], "unix": self.unix,
                "abstract": self.abstract}


def canary(tap, b, after):
    body = b.run("result = 42")
    return tap.check("after %s: a clean run" % after, body["ok"] and body["result"] == 42, body)


def quiet(tap, b, facts):
    for name, script, test in QUIET:
        body = b.run(PRELUDE + script, input=facts)
        tap.check(name, body["ok"] and test(body["result"]), body)
        canary(tap, b, name)


def loud(tap, b, facts):
    for name, script, kinds in LOUD:
        body = b.run(script, timeout_ms=LOUD_TIMEOUT)
        kind = body["error"] and body["error"]["kind"]
        tap.check("%s: %s" % (name, kind), kind in kinds, body)
        canary(tap, b, name)


def denied(tap, b, facts):
    if not facts["filter"] or os.uname().machine != "x86_64":
        return
    for name, script in DENIED:
        body = b.run(script)
        tap.check("%s is sandbox_denied" % name, body["error"] and body["error"]["kind"] == "sandbox_denied"
                  and not body["error"]["reported"], body)
        canary(tap, b, name)


def leftovers(tap, b, facts):
    body = b.run(LEAVES)
    tap.check("a script leaves things", body["ok"], body)
    tap.equal("nothing of it is there for the next", b.run(LEFT, input=facts)["result"], [])
    if facts["full"]:
        b.run(MARKS)
        tap.equal("no mark on /tmp itself", b.run(LEFT, input=facts)["result"], [])
    b.run(LEAVES + "\nwhile True: pass", timeout_ms=500)
    tap.equal("the same after a kill", b.run(LEFT, input=facts)["result"], [])


def census(tap, b, facts):
    before = sorted(below(b.process.pid))
    b.run("import threading, time\nfor i in range(4): threading.Thread(target=time.sleep, args=(99,)).start()\nresult = 1")
    b.run("while True: pass", timeout_ms=200)
    tap.equal("no process is left when an answer is there", sorted(below(b.process.pid)), before)


def secrets(tap, b, facts):
    log = b.read_log()
    tap.check("no planted credential in the log", not any(v in log for v in SECRETS.values()), log[-1000:])
    for pid in [b.process.pid, *below(b.process.pid)]:
        with open("/proc/%d/environ" % pid, "rb") as f:
            text = f.read()
        with open("/proc/%d/cmdline" % pid, "rb") as f:
            text += f.read()
        tap.check("no environment in a process of the executor", b"AWS" not in text and b"PLANTED" not in text, text)


GROUPS = (quiet, loud, denied, leftovers, census)


def one_profile(tap, title, profile, prefix, env):
    listeners = Listeners()
    with Bootstrap(prefix=prefix, env=env) as b:
        first = b.run("result = 42")
        if not tap.check("%s: profile %s" % (title, profile), first["meta"]["profile"] == profile and first["result"] == 42,
                         [first, b.read_log()]):
            return
        layers = first["meta"]["layers"]
        facts = dict(listeners.ports(), api=b.api.server_port, full=profile == "full", filter="seccomp" in layers)
        tap.check("%s: layers %s" % (title, " ".join(layers)), {"environment", "nondumpable", "rlimits"} <= set(layers))
        for group in GROUPS:
            tap.group(title + " " + group.__name__, group, b, facts)
        if os.getuid() == 0:
            tap.group(title + " secrets", secrets, b, facts)
        tap.equal("%s: listeners saw nothing" % title, listeners.seen, [])
        tap.check("%s: still the same process" % title, b.process.poll() is None)


def main():
    tap = Tap()
    user = ["setpriv", "--reuid=61001", "--regid=61001", "--clear-groups"]
    outer = os.path.join(BUILD, "tests/executor/outer_filter")
    mine = {"SANDBOXGEN_DISPOSABLE": "1"}
    one_profile(tap, "as started", "full", [], {})
    if os.getuid() == 0:
        one_profile(tap, "unprivileged", "full", user, {})
        one_profile(tap, "under Lambda's filter", "lockdown", [outer, "61002"], mine)
        one_profile(tap, "under a container's filter", "lockdown", [outer, "-p", "61003"], {})
    tap.done()


if __name__ == "__main__":
    main()
