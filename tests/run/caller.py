"""`sandboxgen run` never touches what is the caller's, whatever the script does and however the run ends.

A caller's world is set up first: a process, files in every place that scripts may think of, System V and POSIX objects, keys.
Then scripts that try to destroy all of it run a hundred times, are interrupted and killed, and run beside each other.  They
aim at what this test made and at nothing else, so that a broken sandbox costs the test and not the machine.
"""
import ctypes
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import time

PROGRAM = os.path.join(os.path.abspath(os.environ.get("top_builddir", ".")), "sandboxgen")
RUNS = 100
LIBC = ctypes.CDLL(None, use_errno=True)
ADD_KEY, KEYCTL = {"x86_64": (248, 250), "aarch64": (217, 219)}[platform.machine()]
count = failures = 0

HOSTILE = '''
import ctypes, os, shutil, signal
done = []
def attempt(name, act, *arguments):
    try:
        act(*arguments)
        done.append(name)
    except BaseException as problem:
        done.append(name + ": " + type(problem).__name__)
caller = input_data
attempt("unlink", os.unlink, caller["file"])
attempt("rmtree", shutil.rmtree, caller["directory"])
attempt("overwrite", lambda: open(caller["file"], "w").write("gone"))
attempt("shm", os.unlink, caller["shm"])
attempt("kill", os.kill, caller["pid"], signal.SIGKILL)
if os.getppid() > 1:
    attempt("kill the parent", os.kill, os.getppid(), signal.SIGKILL)
libc = ctypes.CDLL(None)
for own in caller["sysv"]:
    libc.shmctl(own[0], 0, None), libc.msgctl(own[1], 0, None), libc.semctl(own[2], 0, 0)
for ring in (-1, -2, -3):
    libc.syscall(caller["keyctl"], 7, ring)
attempt("mq", lambda: libc.mq_unlink(caller["queue"].encode()))
result = done
'''
ENDLESS = "import time\nprint('started', flush=True)\nwhile True:\n    pass\n"
SHARED = '''
import os, time
mine = input_data["mine"]
kept = []
for path in ("/tmp/sandboxgen-shared", "/dev/shm/sandboxgen-shared", "sandboxgen-shared"):
    try:
        with open(path, "w") as stream:
            stream.write(mine)
        time.sleep(0.4)
        kept.append(open(path).read() == mine)
    except OSError:
        pass
else:
    time.sleep(0.4)
result = [mine, all(kept)]
'''


def ok(good, name, detail=""):
    global count, failures
    count += 1
    failures += not good
    print(f"{'ok' if good else 'not ok'} {count} - {name}", flush=True)
    if not good:
        for line in str(detail).splitlines()[-30:]:
            print("#", line[:300], flush=True)


class World:
    """What a caller may have around."""

    def __init__(self):
        self.home = tempfile.mkdtemp(prefix="sandboxgen-caller.")
        os.chmod(self.home, 0o777)  # a careless caller: anyone may write here
        self.directory = os.path.join(self.home, "directory")
        os.mkdir(self.directory)
        os.chmod(self.directory, 0o777)
        self.file = os.path.join(self.directory, "file")
        self.shm = os.path.join("/dev/shm", os.path.basename(self.home))
        for path in (self.file, self.shm):
            with open(path, "w", encoding="utf-8") as stream:
                stream.write("the caller's")
            os.chmod(path, 0o666)
        self.process = subprocess.Popen(["sleep", "600"], stdin=subprocess.DEVNULL)
        self.sysv = (LIBC.shmget(0, 4096, 0o1666), LIBC.msgget(0, 0o1666), LIBC.semget(0, 1, 0o1666))
        self.queue = "/" + os.path.basename(self.home)
        self.mq = LIBC.mq_open(self.queue.encode(), os.O_CREAT | os.O_RDWR, 0o666, None)
        LIBC.syscall(KEYCTL, 1, None)  # a session keyring of our own
        self.key = LIBC.syscall(ADD_KEY, b"user", b"sandboxgen-caller", b"secret", 6, -3)

    def input(self):
        return {"file": self.file, "directory": self.directory, "shm": self.shm, "pid": self.process.pid, "sysv": [self.sysv],
                "keyctl": KEYCTL, "queue": self.queue}

    def broken(self):
        """What is no longer as it was."""
        missing = []
        for path in (self.file, self.shm):
            try:
                with open(path, encoding="utf-8") as stream:
                    if stream.read() != "the caller's":
                        missing.append(path + " changed")
            except OSError as problem:
                missing.append(str(problem))
        if self.process.poll() is not None:
            missing.append("the caller's process ended")
        status = ctypes.create_string_buffer(512)
        for name, good in (("shared memory", self.sysv[0] < 0 or LIBC.shmctl(self.sysv[0], 2, status) == 0),
                           ("message queue", self.sysv[1] < 0 or LIBC.msgctl(self.sysv[1], 2, status) == 0),
                           ("semaphore", self.sysv[2] < 0 or LIBC.semctl(self.sysv[2], 0, 12) >= 0)):
            if not good:
                missing.append("the System V " + name + " is gone")
        if self.mq >= 0:
            again = LIBC.mq_open(self.queue.encode(), os.O_RDWR)
            if again < 0:
                missing.append("the POSIX queue is gone")
            else:
                os.close(again)
        if self.key > 0 and LIBC.syscall(KEYCTL, 11, self.key, status, 512) != 6:
            missing.append("the key is gone")
        return missing

    def end(self):
        self.process.kill()
        self.process.wait()
        LIBC.shmctl(self.sysv[0], 0, None), LIBC.msgctl(self.sysv[1], 0, None), LIBC.semctl(self.sysv[2], 0, 0)
        LIBC.mq_unlink(self.queue.encode())
        os.unlink(self.shm) if os.path.exists(self.shm) else None
        shutil.rmtree(self.home, ignore_errors=True)


def script(place, name, text):
    path = os.path.join(place, name)
    with open(path, "w", encoding="utf-8") as stream:
        stream.write(text)
    os.chmod(path, 0o644)
    return path


def start(path, value, env, *more):
    import json
    return subprocess.Popen([PROGRAM, "run", "--json", "--input", json.dumps(value), *more, path], stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env, cwd=env["HOME"], process_group=0,
                            # a shell that starts jobs in the background has it ignored, and that is inherited
                            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))


def orphans():
    """Processes of a run that has ended: they come to this process, which is a subreaper."""
    left = []
    for pid in os.listdir("/proc"):
        try:
            with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as stream:
                fields = stream.read().rsplit(")", 1)[1].split()
        except (OSError, IndexError):
            continue
        if int(fields[1]) == os.getpid() and fields[0] != "Z":
            left.append(int(pid))
    return left


def no_orphans(world, name):
    deadline = time.monotonic() + 5
    while True:
        left = [pid for pid in orphans() if pid != world.process.pid]
        if not left or time.monotonic() > deadline:
            break
        time.sleep(0.05)
    ok(not left, f"{name}: no process is left", left)
    for pid in left:
        os.kill(pid, signal.SIGKILL)


def answered(text):
    import json
    try:
        answer = json.loads(text)
        return answer.get("body") and json.loads(answer["body"]) or answer
    except ValueError:
        return {}


def without_sandbox(place, path):
    """The same script with nothing around it: what it is meant to destroy is destroyed, and noticed."""
    import json
    world = World()
    code = f"import json; input_data = json.loads({json.dumps(json.dumps(world.input()))}); exec(open({path!r}).read())"
    # sh is the parent that it kills
    subprocess.run(["sh", "-c", 'python3 -c "$1"; :', "sh", code], cwd=place, stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
    time.sleep(0.2)
    found = world.broken()
    expected = 6 + (world.mq >= 0) + (world.key > 0)
    ok(len(found) == expected, "outside of the sandbox the script destroys all of it", f"{expected} of these: {found}")
    world.end()


def a_hundred_runs(world, path, env):
    bad, last = [], ""
    for number in range(RUNS):
        process = start(path, world.input(), env)
        try:
            out, err = process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
        if process.returncode not in (0, 1) or not answered(out):
            bad.append((number, process.returncode, err[-300:]))
        last = out
        if world.broken():
            break
    ok(not bad, f"{RUNS} runs of a script that destroys what it can reach all have an answer", bad[:3])
    ok(not world.broken(), "what is the caller's is as it was", f"{world.broken()}\n{last}")
    no_orphans(world, f"after {RUNS} runs")


def interrupted(world, path, env, sign, whole_group):
    name = f"{sign.name} to {'the process group' if whole_group else 'the program'}"
    process = start(path, {}, env)
    time.sleep(0.7)
    ok(process.poll() is None, f"{name}: the run is still going on before it", process.returncode)
    begun = time.monotonic()
    (os.killpg if whole_group else os.kill)(process.pid, sign)
    try:
        process.communicate(timeout=10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    ok(time.monotonic() - begun < 5 and process.returncode != 0, f"{name}: ends the run at once, and not as a success", process.returncode)
    no_orphans(world, name)
    ok(not world.broken(), f"{name}: what is the caller's is as it was", world.broken())


def side_by_side(world, path, env):
    runs = [start(path, {"mine": f"run {number}"}, env) for number in range(2)]
    answers = []
    for process in runs:
        try:
            answers.append(answered(process.communicate(timeout=60)[0]))
        except subprocess.TimeoutExpired:
            process.kill()
            answers.append(process.communicate()[1])
    ok([answer.get("result") if isinstance(answer, dict) else answer for answer in answers] == [["run 0", True], ["run 1", True]],
       "two runs at once each see their own files and outlive each other", answers)


def main():
    LIBC.prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER
    place = tempfile.mkdtemp(prefix="sandboxgen-home.")
    os.chmod(place, 0o755)
    env = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": place, "TMPDIR": place, "LANG": "C.UTF-8"}
    probe = subprocess.run([PROGRAM, "run", script(place, "probe.py", "print(1)\n")], env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if probe.returncode == 2:
        # Nothing can be taken from the caller where nothing runs.
        print(f"1..0 # SKIP {' '.join(probe.stderr.split())[:200]}")
        shutil.rmtree(place)
        return 0
    without_sandbox(place, script(place, "hostile.py", HOSTILE))
    world = World()
    try:
        hostile, endless, shared = (script(place, *pair) for pair in (("hostile.py", HOSTILE), ("endless.py", ENDLESS), ("shared.py", SHARED)))
        before = sorted(os.listdir(place))
        ok(not world.broken(), "the caller's world is there to begin with", world.broken())
        if world.key <= 0:
            print("# this kernel gives no keyring: none to lose")
        a_hundred_runs(world, hostile, env)
        for sign, whole_group in ((signal.SIGINT, True), (signal.SIGINT, False), (signal.SIGTERM, False), (signal.SIGKILL, False)):
            interrupted(world, endless, env, sign, whole_group)
        side_by_side(world, shared, env)
        no_orphans(world, "two runs at once")
        ok(sorted(os.listdir(place)) == before, "nothing is left in HOME, TMPDIR and the working directory", os.listdir(place))
    finally:
        world.end()
        shutil.rmtree(place, ignore_errors=True)
    print(f"1..{count}")
    return 1 if failures else 0


sys.exit(main())
