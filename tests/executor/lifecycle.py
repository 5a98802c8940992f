"""How the program starts, what it refuses, when it gives up, and what is left of it then."""
import glob
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, __file__.rsplit("/", 1)[0])
from harness import BUILD, ROOT, Bootstrap, Tap, below, lasting, processes, running, youngest, spare_user  # noqa: E402

OUTER = [os.path.join(BUILD, "tests/executor/outer_filter"), spare_user(4)]
MINE = {"SANDBOXGEN_DISPOSABLE": "1"}
HERE = "import platform\nresult = platform.python_version()"


def bundle(files):
    root = tempfile.mkdtemp(prefix="bundle.")
    for name, text in files.items():
        path = os.path.join(root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as f:
            f.write(text)
    for where, directories, names in os.walk(root):
        os.chmod(where, 0o755)
    return root


def pythons():
    """Interpreters of this machine that any user can read: the system's, and others where they are."""
    found = [p for n in range(10, 15) for p in ("/usr/bin/python3.%d" % n, "/usr/local/bin/python3.%d" % n)
             if os.path.exists(p) and not os.path.islink(p)]
    return found


def readable_copy(minor):
    """A pyenv build may lie below a closed home: a copy is what an unprivileged user can load."""
    builds = sorted(glob.glob(os.path.expanduser("~/.pyenv/versions/3.%d.*" % minor)))
    builds = [b for b in builds if glob.glob(b + "/lib/libpython3.*.so.1.0")]
    if not builds:
        return None
    copy = tempfile.mkdtemp(prefix="python.")
    os.chmod(copy, 0o755)
    skip = shutil.ignore_patterns("site-packages", "test", "__pycache__", "idlelib", "*.a", "include", "share", "config-*")
    shutil.copytree(builds[-1], copy + "/p", ignore=skip, symlinks=True)
    return copy


def argv_styles(tap):
    for python in pythons():
        with Bootstrap(args=[python, "/var/runtime/bootstrap.py"]) as b:
            tap.check("as exec wrapper of " + python, b.run(HERE)["result"].startswith(python.rsplit("python", 1)[1]), b.read_log())
    for args in ([], ["lambda_function.lambda_handler"], ["-x"]):
        with Bootstrap(args=args) as b:
            tap.check("as custom runtime, arguments %s" % args, b.run("result = 42")["result"] == 42, b.read_log())


def newer_pythons(tap):
    for minor in (12, 13):
        copy = readable_copy(minor)
        if not copy:
            continue
        try:
            for title, prefix, env in (("", [], {}), (" under Lambda's filter", OUTER, MINE)):
                if prefix and os.getuid() != 0:
                    continue
                with Bootstrap(args=[copy + "/p/bin/python3.%d" % minor, "-c", "x"], prefix=prefix, env=env) as b:
                    tap.check("a Python 3.%d outside of /usr%s" % (minor, title),
                              b.run(HERE)["result"].startswith("3.%d." % minor), b.read_log())
                    tap.equal("its libraries load", b.run("import decimal, json, sqlite3\nresult = 1")["result"], 1)
        finally:
            shutil.rmtree(copy)


def refused(tap, title, word, **start):
    with Bootstrap(**start) as b:
        got = b.receive()
        tap.check("%s: told through init/error" % title, got and got[0] == ROOT + "/init/error" and
                  word in json.loads(got[1])["errorMessage"] and
                  got[2].get("Lambda-Runtime-Function-Error-Type") == "Sandbox.Refused", [got, b.read_log()])
        tap.check("%s: exit code is not 0" % title, b.process.wait(10) not in (0, None))
        tap.check("%s: logged" % title, [e["event"] for e in b.events()] == ["refused"], b.read_log())


def refusals(tap):
    refused(tap, "concurrency", "AWS_LAMBDA_MAX_CONCURRENCY", env={"AWS_LAMBDA_MAX_CONCURRENCY": "4"})
    refused(tap, "SnapStart", "SnapStart", env={"AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start"})
    refused(tap, "no such interpreter", "python3.99", args=["/nonexistent/python3.99"])
    refused(tap, "no interpreter at all", "apt-get install", env={"PATH": "/nonexistent"})
    refused(tap, "an interpreter that is a script", "not a Python", args=["/bin/sh"])
    for text, word in (("{", "sandbox.json"), ('{"floor": "none"}', "floor"), ('{"timeout": -1}', "timeout"),
                       ('{"timeout": 1e9}', "timeout"), ('{"floor": "full", "floor": "lockdown"}', "twice")):
        root = bundle({"sandbox.json": text})
        refused(tap, "sandbox.json %s" % text, word, task_root=root)
        shutil.rmtree(root)
    if os.getuid() == 0:
        root = bundle({"sandbox.json": '{"floor": "full"}'})
        refused(tap, "a floor that cannot be kept", "floor is full", task_root=root, prefix=OUTER, env=MINE)
        refused(tap, "a machine that is not known to be Lambda's", "SANDBOXGEN_DISPOSABLE", prefix=OUTER)
        shutil.rmtree(root)
    program = os.path.join(BUILD, "bootstrap")
    done = subprocess.run([program], env={}, capture_output=True, text=True, timeout=20)
    tap.check("started by hand, it says what it is", done.returncode != 0 and "sandboxgen run" in done.stderr, done)
    done = subprocess.run([program, "--serve"], env={}, capture_output=True, text=True, timeout=20)
    tap.check("the second life cannot be started by hand", done.returncode != 0 and done.stderr, done)


def closed_descriptors(tap):
    with Bootstrap(prefix=["sh", "-c", "exec \"$@\" <&- >&- 2>&-", "sh"]) as b:
        tap.equal("started without standard descriptors", b.run("print('x')\nresult = 42")["result"], 42)


def bundles(tap):
    root = bundle({"sandbox.json": '{"floor": "lockdown", "timeout": 0.4, "name": "ignored"}', "sandbox_packages.txt": "# locked\nmine\n",
                   "python/mine.py": "value = 41\n", "python/other.py": "value = 1\n"})
    with Bootstrap(task_root=root) as b:
        tap.equal("a package of the bundle", b.run("import mine\nresult = mine.value + 1")["result"], 42)
        body = b.run("while True: pass")
        tap.check("the bundle's timeout", body["error"]["kind"] == "timeout" and body["meta"]["duration_ms"] < 2000, body)
        tap.equal("what is above it is clamped", b.run("1", timeout_ms=500)["meta"].get("timeout_clamped"), True)
    if os.getuid() == 0:
        with Bootstrap(task_root=root, prefix=OUTER, env=MINE) as b:
            tap.equal("a package in lockdown", b.run("import mine\nresult = mine.value + 1")["result"], 42)
            tap.equal("libraries that were not loaded before, in lockdown", b.run("import cmd, plistlib\nresult = 1")["result"], 1)
            body = b.run("import antigravity")
            tap.check("what acts when imported is not loaded", not body["ok"] and body["error"]["kind"] == "exception", body)
            body = b.run("open('/etc/passwd')")
            tap.check("no file can be opened in lockdown", body["error"]["type"] == "OSError", body)
    shutil.rmtree(root)
    root = bundle({"sandbox_packages.txt": "nowhere\nraises\n", "python/raises.py": "1/0"})
    with Bootstrap(task_root=root) as b:
        tap.equal("a package that cannot be loaded does not stop the others", b.run("result = 42")["result"], 42)
        tap.equal("but is named in the log", [e["name"] for e in b.events() if e["event"] == "package"], ["nowhere", "raises"])
    shutil.rmtree(root)


def api_trouble(tap):
    with Bootstrap() as b:
        b.run("1")
        b.api.post_status = 403
        b.send({"script": "1"})
        tap.check("a 403 on the own answer ends the program", b.process.wait(10) not in (0, None))
        tap.check("it is logged", b.events()[-1]["event"] == "discarded", b.read_log())
    with Bootstrap() as b:
        b.run("1")
        b.api.events.put(None)
        b.api.events.put(None)  # on a kept connection it asks once more
        tap.check("an API that closes ends the program", b.process.wait(10) not in (0, None))
    with Bootstrap() as b:
        b.api.close_each = True
        tap.equal("an API that closes each connection is served", [b.run("result = %d" % i)["result"] for i in range(5)], list(range(5)))
        b.api.close_each = False
        tap.equal("and one that keeps them", [b.run("result = %d" % i)["result"] for i in range(5)], list(range(5)))
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    with Bootstrap(env={"AWS_LAMBDA_RUNTIME_API": "127.0.0.1:%d" % taken.getsockname()[1]}) as b:
        tap.check("no API at all ends the program", b.process.wait(10) not in (0, None))
    taken.close()
    for address in ("127.0.0.1", "example.com:80", "127.0.0.1:99999", ":1", "x" * 500):
        with Bootstrap(env={"AWS_LAMBDA_RUNTIME_API": address}) as b:
            tap.check("API address %s ends the program" % address[:20], b.process.wait(10) not in (0, None))


def attacks_on_the_executor(tap):
    """In lockdown without a filter a script can signal its executor: then the environment must be thrown away."""
    if os.getuid() != 0:
        return
    for title, script in (("SIGKILL", "import os\nos.kill(os.getppid(), 9)\nimport time\ntime.sleep(1)\nresult = 42"),
                          ("SIGSTOP", "import os\nos.kill(os.getppid(), 19)\nresult = 42"),
                          ("SIGKILL to all", "import os\nos.kill(-1, 9)\nresult = 42")):
        with Bootstrap(prefix=OUTER, env=MINE) as b:
            b.run("1")
            b.send({"script": script, "timeout_ms": 500})
            got = b.receive(20)
            body = json.loads(json.loads(got[1])["body"]) if got else None
            tap.check("%s at the parent: no good answer" % title, got is None or not body["ok"], body)
            tap.check("%s at the parent: the environment is discarded" % title, b.process.wait(15) not in (0, None))
            lines = [e["event"] for e in b.events()].count("discarded")
            killed = b.process.returncode in (-9, 128 + 9)  # then it says nothing, and Lambda counts an error
            tap.check("%s at the parent: one line of the log says so, for the alarm" % title, lines == 1 or (killed and lines == 0),
                      [lines, b.process.returncode])
    tap.equal("no process of theirs is left", running([p for p, (_, user, _) in processes().items() if user == int(spare_user(4))]), [])


def endings(tap):
    for name in ("SIGTERM", "SIGKILL"):
        with Bootstrap() as b:
            b.run("1")
            b.send({"script": "while True: pass"})
            time.sleep(0.5)
            pids = below(b.process.pid)
            b.process.send_signal(getattr(signal, name))
            b.process.wait(10)
            alive = running(pids)
            tap.check("%s leaves none of %d processes" % (name, len(pids)), len(pids) >= 2 and not alive, (pids, alive))


def no_file_layer(tap):
    """Seccomp may be loaded, but neither a view of the files nor Landlock can be had: no full profile, and no word of one."""
    if os.getuid() != 0:
        return
    older = [OUTER[0], "-l", spare_user(5)]
    with Bootstrap(prefix=older, env=MINE) as b:
        meta = b.run("1")["meta"]
        tap.check("without a file layer the profile is lockdown, and says so", meta["profile"] == "lockdown" and {"seccomp", "no_files"} <= set(meta["layers"])
                  and not {"landlock", "mount_ns"} & set(meta["layers"]), meta)
        tap.equal("nothing can be opened there", b.run("try:\n    open('/usr/bin/env')\nexcept OSError as e:\n    result = e.errno")["result"], 1)
    root = bundle({"sandbox.json": '{"floor": "full"}'})
    with Bootstrap(prefix=older, env=MINE, task_root=root) as b:
        got = b.receive(20)
        tap.check("a floor of full refuses there", got and got[0] == ROOT + "/init/error" and b"full" in got[1] and b.process.wait(10) != 0, got)
    shutil.rmtree(root)


def status_of(pid):
    with open("/proc/%d/status" % pid) as f:
        return dict(line.split(":\t", 1) for line in f.read().splitlines() if ":\t" in line)


def waiting(tap):
    """The process of the next script: there before its request, confined already, never used twice, gone with the rest."""
    settings = [("full", [], {})] + ([("lockdown", OUTER, MINE)] if os.getuid() == 0 else [])
    for title, prefix, env in settings:
        with Bootstrap(prefix=prefix, env=env) as b:
            seen = []
            b.run("1")
            time.sleep(0.5)
            count = lasting(b.process.pid)[1]
            for _ in range(3):
                lasting(b.process.pid, count)
                seen.append(youngest(below(b.process.pid)))
                b.run("result = 42")
            tap.check("%s: one process waits, another one each time" % title, len(set(seen)) == 3 and not running(seen), seen)
            time.sleep(0.3)
            lasted, count = lasting(b.process.pid, count)
            last = (set(below(b.process.pid)) - set(lasted)).pop()
            if title == "full":
                state = status_of(last)
                tap.equal("full: it has its filter and no rights before it has a request", [state["Seccomp"], state["NoNewPrivs"], state["CapEff"]],
                          ["2", "1", "0" * 16])
            tap.equal("%s: what is not a request takes none away" % title, b.invoke(b"[]")[0], 400)
            tap.equal("%s: the same one still waits" % title, youngest(below(b.process.pid)), last)
            if os.getuid() == 0:
                os.kill(last, signal.SIGKILL)
                running([last])
                tap.equal("%s: one that was killed while it waited is replaced" % title, [b.run("result = 42")["result"] for _ in range(3)], [42] * 3)
                tap.equal("%s: and the executor is as before" % title, lasting(b.process.pid, count), (lasted, count))
        for name in ("SIGTERM", "SIGKILL"):
            with Bootstrap(prefix=prefix, env=env) as b:
                b.run("1")
                time.sleep(0.3)
                pids = below(b.process.pid)
                b.process.send_signal(getattr(signal, name))
                b.process.wait(10)
                tap.check("%s: %s while one waits leaves none of %d processes" % (title, name, len(pids)), len(pids) >= 2 and not running(pids), pids)


def resident(pid):
    """Private memory of a process, in kB."""
    with open("/proc/%d/smaps_rollup" % pid) as f:
        rows = dict(line.split(":", 1) for line in f.read().splitlines()[1:])
    return sum(int(rows[k].split()[0]) for k in ("Private_Clean", "Private_Dirty")), int(rows["Rss"].split()[0])


def sizes(tap):
    with Bootstrap() as b:
        b.run("result = 'y' * 6000000", input="x" * 5000000)
        b.run("1")
        private, rss = resident(b.process.pid)
        print("# supervisor when idle: %d kB resident, %d kB of it its own" % (rss, private))
        tap.check("the idle supervisor is small, also after a large run", rss <= 2048, rss)


def main():
    tap = Tap()
    for group in (argv_styles, newer_pythons, refusals, closed_descriptors, bundles, api_trouble, attacks_on_the_executor, no_file_layer, endings, waiting, sizes):
        tap.group(group.__name__, group)
    tap.done()


if __name__ == "__main__":
    main()
