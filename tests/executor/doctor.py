"""`sandboxgen doctor` and `bootstrap --probe`: they say of each layer what the executor itself then finds."""
import json
import os
import re
import subprocess
import sys

sys.path.insert(0, __file__.rsplit("/", 1)[0])
from harness import BUILD, SECRETS, Bootstrap, Tap, spare_user  # noqa: E402

PROGRAM, BOOTSTRAP = os.path.join(BUILD, "sandboxgen"), os.path.join(BUILD, "bootstrap")
OUTER = os.path.join(BUILD, "tests/executor/outer_filter")
NAMES = ["environment", "nondumpable", "rlimits", "no_new_privs", "seccomp", "user_ns", "pid_ns", "net_ns", "ipc_ns", "mount_ns",
         "landlock", "no_files", "no_processes", "oom_score"]
REFUSED = {"no_new_privs", "seccomp", "user_ns", "pid_ns", "net_ns", "ipc_ns", "mount_ns", "landlock", "oom_score"}


def say(*command, env=None):
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, **SECRETS, **(env or {})}, timeout=60)


def here(tap):
    with Bootstrap() as b:
        meta = b.run("1")["meta"]
    done = say(PROGRAM, "doctor")
    words = {m[2]: m[1] for m in re.finditer(r"^  (used|allowed|refused) +(\w+) ", done.stdout, re.M)}
    tap.equal("every layer has its line", list(words), NAMES)
    tap.equal("what is used is what a run's meta has", [n for n in NAMES if words[n] == "used"], meta["layers"])
    tap.check("it says that scripts run", done.returncode == 0 and "profile " + meta["profile"] in done.stdout, done)
    tap.equal("nothing on standard error", done.stderr, "")
    for command in ((PROGRAM, "doctor", "--format", "json"), (BOOTSTRAP, "--probe")):
        done = say(*command)
        told = json.loads(done.stdout)
        tap.check("%s: JSON of the same" % command[1], [x["name"] for x in told["layers"]] == NAMES and told["profile"] == meta["profile"]
                  and [x["name"] for x in told["layers"] if x["used"]] == meta["layers"] and done.returncode == 0, done)
        tap.check("%s: no planted credential" % command[1], not any(v in done.stdout for v in SECRETS.values()))
        tap.check("%s: not as root" % command[1], told["machine"]["uid"] != 0, told["machine"])
    done = say(PROGRAM, "doctor", "--python", "/nonexistent/python3")
    tap.check("without an interpreter it says so", done.returncode == 1 and "/nonexistent/python3" in done.stdout, done)
    done = say(PROGRAM, "doctor", "more")
    tap.check("it takes no arguments", done.returncode == 2 and "more" in done.stderr, done)
    done = say(PROGRAM, "doctor", ":sealed")
    tap.check("the second life is not for callers", done.returncode == 2 and not done.stdout, done)


def refused(tap):
    if os.getuid() != 0:
        return
    done = say(OUTER, spare_user(0), PROGRAM, "doctor", "--format", "json")
    told = {x["name"]: x for x in json.loads(done.stdout)["layers"]}
    tap.equal("under Lambda's filter: what is refused", {n for n in NAMES if not told[n]["allowed"]}, REFUSED)
    tap.check("and why", all(told[n]["why"] for n in REFUSED), told)
    tap.check("`run` would refuse, and so it says", done.returncode == 1 and "--disposable" in json.loads(done.stdout)["why"], done)
    done = say(OUTER, spare_user(0), BOOTSTRAP, "--probe", env={"SANDBOXGEN_DISPOSABLE": "1"})
    told = json.loads(done.stdout)
    tap.check("a deployed function would run scripts in lockdown", told["runs_scripts"] and told["profile"] == "lockdown" and
              not {x["name"] for x in told["layers"] if x["used"]} & REFUSED, told)


def deployed(tap):
    """As a function: whoever deployed it asks by a variable; who calls it cannot."""
    with Bootstrap(env={"SANDBOXGEN_PROBE": "1"}) as b:
        for event in ({"script": "result = 42"}, {"probe": False}, {}):
            status, body = b.invoke(event)
            tap.check("every event is answered with the probe: %s" % event, status == 200 and body["version"] == 1 and
                      [x["name"] for x in body["layers"]] == NAMES, body)
        tap.check("the log says that it is one", [e["event"] for e in b.events()] == ["probe"], b.read_log())
    for event in ({"script": "result = 42", "probe": True, "env": {"SANDBOXGEN_PROBE": "1"}}, {"script": "import os\nos.environ['SANDBOXGEN_PROBE'] = '1'\nresult = 42"}):
        with Bootstrap() as b:
            tap.equal("a caller cannot ask for it", [b.invoke(event)[1]["result"] for _ in range(2)], [42, 42])
    with Bootstrap(env={"SANDBOXGEN_PROBE": "1", "AWS_LAMBDA_MAX_CONCURRENCY": "2"}) as b:
        body = b.invoke({})[1]
        tap.check("what would be refused is told there too", not body["runs_scripts"] and "CONCURRENCY" in body["why"], body)


def main():
    tap = Tap()
    for group in (here, refused, deployed):
        tap.group(group.__name__, group)
    tap.done()


if __name__ == "__main__":
    main()
