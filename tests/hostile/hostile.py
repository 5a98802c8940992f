"""The hostile scripts of *.txt against the real program, judged from outside of the sandbox.

usage: hostile.py [--list] [SETTING...]       settings: full, landlock, lockdown, container, rie

A file holds scripts; each opens with `=== NUMBER NAME`, then come lines `key: value`, then the script.  NUMBER is that of the
list that the executor was designed against, 0 for what has come since.  The keys:

    want, full, lockdown   what must come of it; alternatives between ` | `
    (and container: lockdown with a filter of our own, where full does not already say it; landlock: full with the machine's
    own /tmp, which is swept):
                             = JSON       it succeeds with this result       ok          it succeeds
                             stdout JSON  it succeeds and has printed this   length N    ... with a text of this length
                             KIND         this error.kind                    discarded   the environment is given up
                             traceback    an exception whose traceback has the script's lines and no path
                             remember KEY, differ KEY   a result, and one that differs from it
                           Nothing said: it succeeds with the result [], the list of what was not refused.
    timeout, lambda_ms     milliseconds: of the request, and of the deadline
    request, fields        the whole event, or members beside the script
    bare, repeat           without prelude.py; that many copies of the last character
    machine                only there
    action                 freeze: the whole executor is stopped for a while
    elsewhere              it is no script: the test that has it

After each script a canary must return 42, no process, file, queue, key or mount may be there that was not before, and
the listeners that stand for the rest of the machine must have seen nothing.
"""
import concurrent.futures
import contextlib
import ctypes
import difflib
import glob
import json
import os
import pathlib
import pty
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "executor"))
from harness import BUILD, SECRETS, Bootstrap, Tap, below, lasting, processes, running, spare_user  # noqa: E402

KINDS = {"syntax", "exception", "exit", "timeout", "memory", "output_limit", "signal", "result_not_json", "result_too_large",
         "sandbox_denied", "bad_request", "internal"}
SHARED = ("/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/run/lock")
PRELUDE = (HERE / "prelude.py").read_text()
DEEP = "[" * 5000 + "]" * 5000
TIMEOUT_MS = int(os.environ.get("HOSTILE_MS", 3000))  # HOSTILE_MS: for a machine that is slow
PART = "HOSTILE_PART"
PARTS, ENDING = [], []  # the processes of settings side by side; a signal that ends them all
# Users that have nothing else on the machine: what is swept is swept by owner.  Of each process its own, for two may be tested at once.
USERS = int(spare_user(0))


class Case:
    KEYS = {"want", "full", "lockdown", "container", "landlock", "timeout", "lambda_ms", "request", "fields", "bare", "repeat", "machine", "action", "elsewhere"}

    def __init__(self, title, lines, where):
        number, self.name = title.split()
        self.number = int(number)
        self.keys = {}
        while lines and (m := re.fullmatch(r"([a-z_]+): (.*)", lines[0])) and m[1] in self.KEYS:
            self.keys[m[1]] = m[2]
            lines = lines[1:]
        self.script = "\n".join(lines).rstrip("\n") + "\n"
        self.where = where

    def wants(self, profile, filtered=False, viewless=False):
        """Lockdown with a filter of our own: what full refuses by its filter is refused there too."""
        if viewless and profile == "full" and "landlock" in self.keys:
            profile = "landlock"
        if profile == "lockdown" and filtered and self.keys.get("full") in ("sandbox_denied", "= []"):
            profile = "full"
        if filtered and profile == "lockdown" and "container" in self.keys:
            profile = "container"
        return (self.keys.get(profile) or self.keys.get("want") or "= []").split(" | ")

    def payload(self, facts):
        if "request" in self.keys:
            return self.keys["request"].replace("DEEP", DEEP).encode()
        script = self.script
        if "repeat" in self.keys:
            script = script.rstrip("\n") + script.rstrip("\n")[-1] * int(self.keys["repeat"])
        if "bare" not in self.keys:
            script = PRELUDE + script
        event = {"script": script, "timeout_ms": int(self.keys.get("timeout", TIMEOUT_MS))}
        if "lambda_ms" in self.keys:
            del event["timeout_ms"]
        if "bare" not in self.keys:
            event["input"] = facts
        event.update(json.loads(self.keys.get("fields", "{}")))
        return json.dumps(event).encode()


def load():
    cases = []
    for path in sorted(HERE.glob("*.txt"), key=lambda p: (p.name == "more.txt", p.name)):
        blocks = re.split(r"^=== ", path.read_text(), flags=re.M)[1:]
        for block in blocks:
            title, *lines = block.split("\n")
            cases.append(Case(title, lines, path.name))
    return sorted(cases, key=lambda c: c.number or 1000)  # stable: `leave` stays before `left`


def call_numbers():
    """The system calls of this machine by name, as its headers have them; SANDBOXGEN_CALLS: a file with them, for a machine that
    has no compiler."""
    known = os.environ.get("SANDBOXGEN_CALLS")
    text = pathlib.Path(known).read_text() if known else subprocess.run(
        ["cc", "-E", "-dM", "-x", "c", "-"], input="#include <sys/syscall.h>\n", capture_output=True, text=True).stdout
    return {name: int(number) for name, number in re.findall(r"^#define __NR_(\w+) (\d+)$", text, re.M)}


def pattern(word):
    """A pattern that finds the word and does not hold it."""
    return "".join("[%s]" % c for c in word)


# ------------------------------------------------------------------------------------------------ the rest of the machine

class Listeners:
    """What a script would reach if it had a network."""

    def __init__(self):
        self.seen = []
        self.directory = tempfile.mkdtemp(prefix="listen.")
        os.chmod(self.directory, 0o755)
        self.unix, self.abstract = self.directory + "/s", os.path.basename(self.directory)
        kinds = [(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)), (socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0)),
                 (socket.AF_UNIX, socket.SOCK_STREAM, self.unix), (socket.AF_UNIX, socket.SOCK_STREAM, "\0" + self.abstract)]
        self.sockets = []
        for family, kind, address in kinds:
            self.add(family, kind, address)
        os.chmod(self.unix, 0o777)
        try:
            self.add(socket.AF_INET6, socket.SOCK_STREAM, ("::1", self.sockets[0].getsockname()[1]))
        except OSError:
            pass  # this machine has no IPv6

    def add(self, family, kind, address):
        s = socket.socket(family, kind)
        s.bind(address)
        if kind == socket.SOCK_STREAM:
            s.listen(8)
        self.sockets.append(s)
        threading.Thread(target=self.watch, args=(s,), daemon=True).start()

    def watch(self, s):
        while True:
            try:
                self.seen.append(s.accept()[1] if s.type == socket.SOCK_STREAM else s.recvfrom(100))
            except OSError:
                return

    def facts(self):
        return {"tcp": self.sockets[0].getsockname()[1], "udp": self.sockets[1].getsockname()[1], "unix": self.unix,
                "abstract": self.abstract}

    def works(self):
        """A listener that hears nothing proves nothing: each is tried once by the runner itself."""
        socket.create_connection(self.sockets[0].getsockname()).close()
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", self.sockets[1].getsockname())
        for path in (self.unix, "\0" + self.abstract):
            with socket.socket(socket.AF_UNIX) as s:
                s.connect(path)
        end = time.monotonic() + 5
        while len(self.seen) < 4 and time.monotonic() < end:
            time.sleep(0.01)
        heard, self.seen = len(self.seen), []
        return heard == 4

    def close(self):
        for s in self.sockets:
            s.close()
        shutil.rmtree(self.directory, ignore_errors=True)


def text_of(path):
    try:
        with open(path) as f:
            return f.read()
    except OSError:
        return ""


def files_of(uid):
    """What lies in the places that everybody may write to, and belongs to the user."""
    found, todo = set(), list(SHARED)
    while todo:
        try:
            with os.scandir(todo.pop()) as entries:
                for e in entries:
                    if e.stat(follow_symlinks=False).st_uid == uid:
                        found.add(e.path)
                    elif e.is_dir(follow_symlinks=False) and e.path in SHARED:
                        todo.append(e.path)
        except OSError:
            pass
    return found


def ipc_of(uid):
    """Rows of the System V tables that the user made or owns.  The columns are the kernel's."""
    rows = set()
    for name in ("shm", "msg", "sem"):
        head, *lines = text_of("/proc/sysvipc/" + name).splitlines() or [""]
        columns = head.split()
        if "uid" not in columns:
            continue
        rows |= {(name, line.split()[1]) for line in lines if str(uid) in (line.split()[columns.index(c)] for c in ("uid", "cuid"))}
    return rows


def keys_of(uid):
    """How many keys and keyrings the user has (root sees everybody's count)."""
    for line in text_of("/proc/key-users").splitlines():
        name, rest = line.split(":", 1)
        if name.strip() == str(uid):
            return int(rest.split()[2].split("/")[0])
    return 0


def machine(uid, mine):
    """Everything of the user that outlives a process, and every process that is not one of `mine`."""
    found = files_of(uid) | ipc_of(uid)
    found |= {"process %s" % row[2] for pid, row in processes().items() if row[1] == uid and pid not in mine and running([pid], 0.2)}
    return found | {"key %d" % n for n in range(keys_of(uid))}


def mounts_of_its_own():
    """What others mount on the machine meanwhile is not seen here, so that a mount that is seen is the script's: the executor
    lives where this process lives.  Root alone may; elsewhere the comparison is with the machine."""
    libc = ctypes.CDLL(None, use_errno=True)
    new_ns, private = 0x20000, 0x4000 | 1 << 18  # CLONE_NEWNS; MS_REC | MS_PRIVATE
    return os.getuid() == 0 and libc.unshare(new_ns) == 0 and libc.mount(b"none", b"/", None, private, None) == 0


# ------------------------------------------------------------------------------------------------ how it is started

def user(uid):
    return ["setpriv", "--reuid=%d" % uid, "--regid=%d" % uid, "--clear-groups"]


OUTER = os.path.join(BUILD, "tests/executor/outer_filter")


class Direct:
    """Through the harness's own Runtime API."""

    def __init__(self, prefix, env, task, stdout=None):
        self.make = lambda: Bootstrap(prefix=prefix, env=env, task_root=task, stdout=stdout)
        self.b = self.make()

    top = property(lambda self: self.b.process.pid)

    def pids(self):
        return [self.top, *below(self.top)]

    def facts(self):
        return {"api": "127.0.0.1:%d" % self.b.api.server_port, "api_port": self.b.api.server_port}

    def invoke(self, payload, lambda_ms=60000):
        return self.b.raw(payload, lambda_ms, 60)

    def ended(self, patience):
        try:
            self.b.process.wait(patience)
            return True
        except subprocess.TimeoutExpired:
            return False

    def again(self):
        log = self.log()
        self.b.close()
        self.b = self.make()
        return log

    def log(self):
        return self.b.read_log()

    def close(self):
        self.b.close()


class Rie:
    """Under AWS's Runtime Interface Emulator, which starts the program itself."""

    def __init__(self, prefix, env, task, program):
        self.prefix, self.task = prefix, task
        self.home = tempfile.mkdtemp(prefix="rie.")
        os.chmod(self.home, 0o755)
        self.program = shutil.copy(program, self.home + "/rie")
        os.chmod(self.program, 0o755)
        self.env = {"PATH": "/usr/bin:/bin", "LAMBDA_TASK_ROOT": task, "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
                    "AWS_LAMBDA_FUNCTION_TIMEOUT": "60", "AWS_LAMBDA_FUNCTION_NAME": "f", **SECRETS, **env}
        self.start()

    def start(self):
        with socket.socket() as a, socket.socket() as b:
            a.bind(("127.0.0.1", 0))
            b.bind(("127.0.0.1", 0))
            self.port, self.api = a.getsockname()[1], b.getsockname()[1]
        self.output = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [*self.prefix, self.program, "--runtime-interface-emulator-address", "127.0.0.1:%d" % self.port,
             "--runtime-api-address", "127.0.0.1:%d" % self.api, os.path.join(self.task, "bootstrap")],
            env=self.env, stdin=subprocess.DEVNULL, stdout=self.output, stderr=self.output, cwd=self.task)
        end = time.monotonic() + 20
        while time.monotonic() < end:
            try:
                return socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                time.sleep(0.02)
        raise TimeoutError(self.log())

    top = property(lambda self: self.process.pid)

    def pids(self):
        return below(self.top)

    def facts(self):
        return {"api": "127.0.0.1:%d" % self.api, "api_port": self.api}

    def invoke(self, payload, lambda_ms=60000):
        """The answer, or None where the emulator says that the program ended."""
        import http.client
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=90)
        try:
            c.request("POST", "/2015-03-31/functions/function/invocations", payload)
            body = c.getresponse().read()
        except (OSError, http.client.HTTPException):
            return None
        finally:
            c.close()
        return body if b'"statusCode"' in body[:40] else None

    def ended(self, patience):
        """The emulator starts another program for the next event: what was there must be gone."""
        before = getattr(self, "last", [])
        return not running(before, patience) if before else self.process.poll() is not None

    def again(self):
        log = self.log()
        self.stop()
        self.start()
        return log

    def log(self):
        self.output.seek(0)
        return self.output.read().decode("utf-8", "replace")

    def stop(self):
        pids = below(self.process.pid)
        self.process.kill()
        self.process.wait()
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except OSError:
                pass
        running(pids, 5)

    def close(self):
        self.stop()
        shutil.rmtree(self.home, ignore_errors=True)


# ------------------------------------------------------------------------------------------------ judging

memory = {}


def matches(want, body):
    """One alternative of `want` against the answer's body."""
    word, _, rest = want.partition(" ")
    kind = body["error"] and body["error"]["kind"]
    if word in KINDS:
        return kind == word
    if word == "traceback":
        trace = body["error"]["traceback"] or ""
        return kind == "exception" and "deeper()" in trace and "/" not in trace and "JSONDecodeError" in trace
    if not body["ok"]:
        return False
    if word == "remember":
        memory[rest] = body["result"]
        return True
    if word == "differ":
        return all(a != b for a, b in zip(memory.pop(rest), body["result"]))
    return {"ok": lambda: True, "=": lambda: same(body["result"], json.loads(rest)), "stdout": lambda: body["stdout"] == json.loads(rest),
            "length": lambda: len(body["result"]) == int(rest)}.get(word, lambda: False)()


def same(a, b):
    return a == b and type(a) is type(b)


class Setting:
    def __init__(self, tap, title, profile, driver, uid):
        self.tap, self.title, self.profile, self.driver, self.uid = tap, title, profile, driver, uid
        self.listeners = Listeners()
        self.logs, self.before = [], set()

    def begin(self):
        """The first canary; what the machine looks like from now on."""
        body = self.canary()
        if not self.tap.check("%s: profile %s" % (self.title, self.profile), body and body["meta"]["profile"] == self.profile, [body, self.driver.log()]):
            return False
        self.layers = body["meta"]["layers"]
        print("# %s: %s" % (self.title, " ".join(self.layers)))
        self.settle()
        self.mounts = self.all_mounts()
        self.before = machine(self.uid, self.own()) if self.uid is not None else set()
        self.keys = keys_of(self.uid) if self.uid is not None else 0
        return True

    def settle(self):
        """Who is there once the process for the next script waits."""
        time.sleep(0.5)
        self.lasting, self.number = lasting(self.driver.top)
        self.pids = sorted(self.driver.pids())

    def own(self):
        return {self.driver.top, *self.driver.pids()}

    def all_mounts(self):
        """Where the runner and each process of the executor that stays live; the one that waits is another after each run."""
        return {p: text_of("/proc/%s/mounts" % p).splitlines() for p in ("self", self.driver.top, *self.lasting)}

    def mount_faults(self):
        """The lines that have come or gone, by process."""
        now = self.all_mounts()
        return ["mounts of %s: %s" % (p, line) for p in now for line in difflib.ndiff(self.mounts[p], now[p]) if line[0] in "+-"]

    def facts(self):
        return {**self.listeners.facts(), **self.driver.facts(), "full": self.profile == "full", "filter": "seccomp" in self.layers,
                "pids": [p for p in self.pids if p in self.lasting or p == self.driver.top], "planted": [pattern(v) for v in SECRETS.values()], "task": self.task, "secret_file": self.secret,
                "nr": NUMBERS, "nice": os.getpriority(os.PRIO_PROCESS, 0)}

    def canary(self):
        raw = self.driver.invoke(b'{"script": "result = 42"}')
        body = json.loads(json.loads(raw)["body"]) if raw else None
        return body if body and body["ok"] and body["result"] == 42 else None

    def freeze(self):
        """Everything stands still for half a second.  A process that ends meanwhile must not keep the others from going on."""
        pids = self.driver.pids()
        time.sleep(0.1)
        for s in (signal.SIGSTOP, signal.SIGCONT):
            for pid in pids if s == signal.SIGSTOP else reversed(pids):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, s)
            time.sleep(0.5)

    def left(self):
        """What is there that was not before; the kernel's collector of keys takes its time."""
        end = time.monotonic() + 3
        while self.uid is not None and keys_of(self.uid) > self.keys and time.monotonic() < end:
            time.sleep(0.02)
        return machine(self.uid, self.own()) - self.before if self.uid is not None else set()

    def clean(self, case):
        """Nothing is left of the run; what is checked is everything, so that one test point can say it."""
        faults = []
        lasting(self.driver.top, self.number)
        faults += sorted(map(str, self.left()))
        end = time.monotonic() + 3  # without a namespace of its own: somebody else may have mounted something for a moment
        while self.mount_faults() and time.monotonic() < end:
            time.sleep(0.1)
        faults += self.mount_faults()
        now = lasting(self.driver.top, self.number)  # again: a stray would have stood for a process not yet made
        if now != (self.lasting, self.number):
            faults.append("processes: %s, before %s" % (now, (self.lasting, self.number)))
        self.pids = sorted(self.driver.pids())
        if self.listeners.seen:
            faults.append("a listener saw %s" % self.listeners.seen)
            self.listeners.seen = []
        return faults

    def restart(self):
        """Another program; what is still there then: it sweeps before its first run."""
        self.logs.append(self.driver.again())
        fine = self.canary() is not None
        self.settle()
        self.mounts = self.all_mounts()
        left = self.left()
        self.before |= left  # one script's fault is told once
        return fine, sorted(map(str, left))

    def discarded(self, raw):
        body = json.loads(json.loads(raw)["body"]) if raw else None
        ok = (body is None or not body["ok"]) and self.driver.ended(20)
        fine, left = self.restart()
        return ok and fine and not left, [body, left, self.logs[-1][-1500:]]

    def run(self, case):
        name = "%s %d %s" % (self.title, case.number, case.name)
        wants = case.wants(self.profile, "seccomp" in self.layers, "mount_ns" not in self.layers)
        self.driver.last = self.pids
        if case.keys.get("action") == "freeze":
            threading.Thread(target=self.freeze).start()
        raw = self.driver.invoke(case.payload(self.facts()), int(case.keys.get("lambda_ms", 60000)))
        body = json.loads(json.loads(raw)["body"]) if raw else None
        if "discarded" in wants and (raw is None or wants == ["discarded"] or self.driver.ended(0.3)):
            ok, why = self.discarded(raw)
            return self.tap.check(name + ": the environment is discarded", ok, why)
        if body is None:
            self.tap.check(name, False, self.driver.log()[-2000:])
            self.restart()
            return None
        kind = body["error"]["kind"] if body["error"] else "ok"
        if body["meta"]["duration_ms"] > 1000:
            print("# %.0f ms" % body["meta"]["duration_ms"])
        leaked = [k for k, v in SECRETS.items() if v.encode() in raw]
        fine = any(matches(w, body) for w in wants) and not leaked and body["meta"]["profile"] == self.profile
        self.tap.check("%s: %s" % (name, kind), fine, "wanted %s\ngot    %s\nleaked %s" % (" | ".join(wants), json.dumps(body)[:1500], leaked))
        again = self.canary()
        faults = self.clean(case)
        if not self.tap.check("%s: the next run and the machine are clean" % name, again and not faults, [again, faults]):
            self.restart()
        return None

    def end(self):
        log = "".join(self.logs) + self.driver.log()
        self.tap.check("%s: no planted credential in the log" % self.title, not any(v in log for v in SECRETS.values()), log[-500:])
        if self.uid is not None:
            environ = [p for p in self.driver.pids() if any(v in text_of("/proc/%d/%s" % (p, n)) for v in SECRETS.values() for n in ("environ", "cmdline"))]
            self.tap.equal("%s: nor in a process of the executor" % self.title, environ, [])
            found = subprocess.run(["find", "/", "-xdev", "-uid", str(self.uid), "-not", "-path", "/proc/*"], capture_output=True, text=True).stdout
            self.tap.equal("%s: no file of this user on the whole machine" % self.title, [f for f in found.split() if f not in self.before], [])

    def close(self):
        """The listeners, the program, and, should it have been killed in the middle, what the last script left."""
        self.listeners.close()
        self.driver.close()
        for path in sorted(files_of(self.uid) - self.before) if self.uid is not None and os.getuid() == 0 else ():
            shutil.rmtree(path, ignore_errors=True) if os.path.isdir(path) and not os.path.islink(path) else os.unlink(path)


def bundle():
    task = tempfile.mkdtemp(prefix="task.", dir="/var/tmp")  # in /tmp every file is a script's to read, where it has no view
    os.chmod(task, 0o755)
    shutil.copy(os.path.join(BUILD, "bootstrap"), task)
    with open(task + "/planted.txt", "w") as f:
        f.write(SECRETS["AWS_SECRET_ACCESS_KEY"])
    return task


def one_setting(tap, title, profile, make, uid, cases):
    task = bundle()
    secret = tempfile.NamedTemporaryFile("w", dir="/var/tmp", prefix="credentials.")
    secret.write(SECRETS["AWS_SESSION_TOKEN"])
    secret.flush()
    os.chmod(secret.name, 0o600)
    s = None
    try:
        s = Setting(tap, title, profile, make(task), uid)
        s.task, s.secret = task, secret.name
        if tap.check("%s: the listeners listen" % title, s.listeners.works()) and s.begin():
            began = time.monotonic()
            for case in cases:
                if case.keys.get("machine", os.uname().machine) == os.uname().machine and "elsewhere" not in case.keys:
                    s.run(case)
            print("# %s: %d scripts in %.0f s" % (title, len(cases), time.monotonic() - began))
        s.end()
    finally:
        if s:
            s.close()
        secret.close()
        shutil.rmtree(task)


def outputs(tap):
    """Whatever the program's standard output is."""
    master, slave = pty.openpty()
    reader, writer = os.pipe()
    plain, null = tempfile.TemporaryFile(), open("/dev/null", "wb")
    for title, stdout in (("a pipe", writer), ("a file", plain), ("/dev/null", null), ("a terminal", slave)):
        with Bootstrap(stdout=stdout) as b:
            got = [b.run("print('x')\nresult = 42")["result"], b.run("import os\nos.write(1, b'y')")["stdout"],
                   b.run("import os\nresult = [os.isatty(n) for n in range(4)]")["result"]]
            tap.equal("standard output is %s" % title, got, [42, "y", [False] * 4])
    plain.seek(0)
    os.set_blocking(reader, False)
    os.set_blocking(master, False)
    said = [plain.read()]
    for fd in (reader, master):
        try:
            said.append(os.read(fd, 4096))
        except OSError:
            said.append(b"")
    tap.equal("nothing of a script goes there", said, [b"", b"", b""])
    for fd in (master, slave, reader, writer):
        os.close(fd)


def judge(tap):
    """The judging itself: that it sees a mount, and does not take the end of a process for one."""
    s = Setting.__new__(Setting)
    passing, stays = (subprocess.Popen(["sleep", "60"]) for _ in range(2))
    s.driver = type("Driver", (), {"top": stays.pid})
    s.lasting, s.pids = [stays.pid], [passing.pid, stays.pid]  # numbers wrap round: the lowest may be anybody's
    s.mounts = s.all_mounts()
    passing.kill()
    passing.wait()
    tap.equal("a process that waited and has ended changes no mounts", s.mount_faults(), [])
    if os.getuid() == 0:
        place = tempfile.mkdtemp(prefix="mounted.")
        subprocess.run(["mount", "-t", "tmpfs", "left", place], check=True)
        seen = s.mount_faults()
        subprocess.run(["umount", place], check=True)
        os.rmdir(place)
        tap.check("a mount is seen, by its line", any("+ left %s tmpfs" % place in f for f in seen), seen)
        tap.equal("until it is gone", s.mount_faults(), [])
    stays.kill()
    stays.wait()


def emulator():
    """AWS's emulator: where the conformance tests have fetched it, or None."""
    roots = [os.environ.get("TOOLS_SAM", ""), *glob.glob(os.path.join(os.environ.get("SANDBOXGEN_CACHE", str(HERE.parent.parent / ".cache")), "tools/sam-*"))]
    name = "aws-lambda-rie-" + {"aarch64": "arm64"}.get(os.uname().machine, os.uname().machine)
    found = [p for r in roots if r for p in glob.glob(r + "/lib/python*/site-packages/samcli/local/rapid/" + name)]
    return found[0] if found else None


def setting(tap, name, cases):
    root = os.getuid() == 0
    mine = {"SANDBOXGEN_DISPOSABLE": "1"}
    quiet = {"PYTHONDONTWRITEBYTECODE": "1"}
    if name == "full":
        one_setting(tap, "full", "full", lambda t: Direct(user(USERS + 1) if root else [], quiet, t), USERS + 1 if root else None, cases)
    elif name == "lockdown" and root:
        one_setting(tap, "lockdown", "lockdown", lambda t: Direct([OUTER, str(USERS + 2)], mine, t), USERS + 2, cases)
    elif name == "container" and root:
        one_setting(tap, "container", "lockdown", lambda t: Direct([OUTER, "-p", str(USERS + 3)], {}, t), USERS + 3, cases)
    elif name == "landlock" and root:
        one_setting(tap, "landlock", "full", lambda t: Direct([OUTER, "-p", str(USERS + 7)], mine, t), USERS + 7, cases)
    elif name == "rie" and root and emulator():
        one_setting(tap, "rie", "lockdown", lambda t: Rie([OUTER, str(USERS + 6)], mine, t, emulator()), USERS + 6, cases)
    else:
        tap.check("%s: can be tried here" % name, name != "rie", "root: %s, emulator: %s" % (root, emulator()))


def part(name):
    """One setting in a process of its own: its output."""
    if ENDING:
        return ""
    options = [a for a in sys.argv[1:] if a.startswith("--")]
    child = subprocess.Popen([sys.executable, "-B", __file__, name, *options], stdout=subprocess.PIPE, text=True, env={**os.environ, PART: "1"})
    PARTS.append(child)
    return child.communicate()[0]


def end(number, frame):
    """SIGTERM, SIGINT, SIGHUP: what was made goes away, that of the other processes too."""
    signal.signal(number, signal.SIG_IGN)
    ENDING.append(number)
    for child in PARTS:
        child.send_signal(signal.SIGTERM)
    for child in PARTS:
        child.wait()
    raise SystemExit(128 + number)


def side_by_side(tap, settings):
    """Two at a time: most of what a setting takes is waiting for deadlines.  Each has a user of its own."""
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for name, text in zip(settings, pool.map(part, settings)):
            points = 0
            for line in text.splitlines():
                m = re.fullmatch(r"(ok|not ok) \d+ - (.*)", line)
                if m:
                    points += 1
                    tap.check(m[2], m[1] == "ok")
                elif not line.startswith("1.."):
                    print(line)
            tap.check("%s: came to its end" % name, text.rstrip().endswith("1..%d" % points), text[-300:])


def main():
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, end)
    mounts_of_its_own()
    cases = load()
    if "--list" in sys.argv:
        for c in cases:
            print("%3d %-32s full: %-30s lockdown: %s" % (c.number, c.name, " | ".join(c.wants("full")), " | ".join(c.wants("lockdown"))))
        return
    settings = [a for a in sys.argv[1:] if not a.startswith("--")] or ["full", "landlock", "lockdown", "container"]
    only = [a[2:] for a in sys.argv[1:] if a.startswith("--") and a != "--list"]
    tap = Tap()
    tap.equal("every number of the list is there", sorted({c.number for c in cases} - {0}), list(range(1, 185)))
    if only:
        cases = [c for c in cases if c.name in only or str(c.number) in only]
    elif not os.environ.get(PART):
        tap.group("outputs", outputs)
        tap.group("judge", judge)
    if len(settings) > 1:
        side_by_side(tap, settings)
        settings = []
    for name in settings:
        try:
            setting(tap, name, cases)
        except Exception as error:
            tap.check(name, False, "%s: %s" % (type(error).__name__, error))
    tap.done()


NUMBERS = call_numbers()
sys.set_int_max_str_digits(0)
if __name__ == "__main__":
    main()
