"""Acceptance: numpy, as a locked package of the bundle, under the emulator in both profiles; one BLAS thread in lockdown."""
import json
import os
import pathlib
import subprocess
import sys

BUILD = pathlib.Path(os.environ["BOOTSTRAP"]).resolve().parent
os.environ.setdefault("top_builddir", str(BUILD))
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "hostile"))
sys.path.insert(0, str(HERE / "lib"))
import hostile  # noqa: E402
import tap  # noqa: E402

PIN = "numpy==2.1.3"
PRODUCT = """
import numpy
a = numpy.arange(250000, dtype=float).reshape(500, 500)
b = a.T / 1000
c = a @ b
x = numpy.linalg.solve(numpy.eye(50) * 3, numpy.ones(50))
result = [float(c[0, 0]), float(c[499, 499]), float(abs((a * b.T).sum(axis=1) - c.diagonal()).max() / c.max()), float(x.sum()), numpy.random.rand(2)]
"""
# what importing costs a script: a module that is loaded, and numpy
IMPORTS = """
import sys, time
def cost(name):
    times = []
    for _ in range(200):
        space = {}
        began = time.perf_counter()
        exec("import " + name, space)
        times.append(time.perf_counter() - began)
    return sorted(times)[100]
result = [cost("json"), cost("numpy"), "numpy" in sys.modules]
"""
THREADS = "import threading, numpy\nnumpy.ones((600, 600)) @ numpy.ones((600, 600))\nresult = threading.active_count()"


def fetched(version):
    """numpy for this Python, from PyPI, kept in the cache; its folder or why not."""
    cache = pathlib.Path(os.environ.get("SANDBOXGEN_CACHE", HERE.parent.parent / ".cache")) / "tools" / ("%s-cp%s" % (PIN.replace("==", "-"), version))
    if not (cache / "numpy").is_dir():
        done = subprocess.run([os.environ["TOOLS_SAM"] + "/bin/pip", "install", "-q", "--no-input", "--disable-pip-version-check", "--only-binary", ":all:",
                               "--python-version", version, "--no-deps", "--target", str(cache), PIN], capture_output=True, text=True)
        if done.returncode:
            return None, done.stderr
    return cache, ""


def in_profile(title, profile, prefix, env):
    task = hostile.bundle()
    driver = hostile.Rie(prefix, env, task, hostile.emulator())
    try:
        body = ask(driver, "import platform\nresult = platform.python_version()")
        packages, why = fetched(body["result"].rsplit(".", 1)[0])
        if not tap.ok(packages, f"{title}: {PIN} is there", why):
            return
        driver.stop()
        subprocess.run(["cp", "-r", str(packages), task + "/python"], check=True)
        subprocess.run(["chmod", "-R", "a+rX", task], check=True)
        pathlib.Path(task, "sandbox_packages.txt").write_text("numpy\n")
        driver.start()
        body = ask(driver, PRODUCT)
        r = body["result"] or [0] * 5
        tap.ok(body["ok"] and body["meta"]["profile"] == profile and abs(r[0] - 41541750 / 1000) < 1e-6 and r[2] < 1e-12 and abs(r[3] - 50 / 3) < 1e-9,
               f"{title}: a matrix product is right", body)
        tap.ok(ask(driver, PRODUCT)["result"][4] != r[4], f"{title}: random numbers differ from run to run", r[4])
        loaded, numpy, there = ask(driver, IMPORTS)["result"]
        tap.note(f"{title}: import json {loaded * 1e6:.1f} us, import numpy {numpy * 1e6:.1f} us")
        tap.ok(there and numpy <= 5 * loaded, f"{title}: importing numpy costs at most 5 times a loaded module", [loaded, numpy])
        tap.same(ask(driver, THREADS)["result"], 1, f"{title}: no thread of Python's own")
    finally:
        driver.close()
        subprocess.run(["rm", "-rf", task], check=False)


def ask(driver, script):
    raw = driver.invoke(json.dumps({"script": script}).encode())
    return json.loads(json.loads(raw)["body"]) if raw else {"ok": False, "result": None, "log": driver.log()}


def full():
    in_profile("full", "full", hostile.user(hostile.USERS) if os.getuid() == 0 else [], {})


def lockdown():
    if os.getuid() != 0 or not os.path.exists(hostile.OUTER):
        return tap.skip("lockdown", "root loads the filter, which `make check` builds")
    return in_profile("lockdown", "lockdown", [hostile.OUTER, str(hostile.USERS + 1)], {"SANDBOXGEN_DISPOSABLE": "1"})


tap.main(full, lockdown)
