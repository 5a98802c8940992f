"""What the golden tests share: cases in a directory, each run alone in a fresh one, TAP out, and --update.

An expectation is compared byte for byte; `make update-golden` rewrites them, and a reviewer reads the difference.
"""
import os
import shutil
import subprocess
import sys
import tempfile

SOURCE = os.path.join(os.environ.get("top_srcdir", "."), "tests", "golden")
PROGRAM = os.path.abspath(os.path.join(os.environ.get("top_builddir", "."), "sandboxgen"))
UPDATE = "--update" in sys.argv


def sanitized(program=PROGRAM):
    """A program built with AddressSanitizer: it reserves far more addresses than any limit would leave it, and takes its time."""
    with open(program, "rb") as stream:
        return b"__asan_init" in stream.read()


def sampled(cases, program=PROGRAM, of=8):
    """The cases; of a program with sanitizers every eighth, since there each costs ten times as much and finds errors of memory alone."""
    cases = list(cases)
    return cases[::of] if sanitized(program) else cases


def environment(**more):
    """A small fixed environment: nothing of the caller's may change an output."""
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", "NO_COLOR": "1", **more}


class Run:
    """One run of the program in `cwd`: exit code, standard output, standard error."""

    def __init__(self, cwd, *args, timeout=60, env=None, **kwargs):
        done = subprocess.run([PROGRAM, *args], cwd=cwd, env=env or environment(), timeout=timeout,
                              stdin=subprocess.DEVNULL, capture_output=True, **kwargs)
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr


def tree(top):
    """Every file below a directory: path to (mode, bytes); links as what they point at."""
    found = {}
    for folder, _, names in os.walk(top):
        for name in names:
            path = os.path.join(folder, name)
            key = os.path.relpath(path, top)
            if os.path.islink(path):
                found[key] = ("link", os.readlink(path))
            elif os.path.isfile(path):
                with open(path, "rb") as stream:
                    found[key] = (os.stat(path).st_mode & 0o7777, stream.read())
            else:
                found[key] = ("special", b"")
    return found


def read(path):
    try:
        with open(path, "rb") as stream:
            return stream.read()
    except FileNotFoundError:
        return None


def write(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as stream:
        stream.write(data)


class Tap:
    def __init__(self):
        self.count = self.failed = 0

    def check(self, name, ok, *why):
        self.count += 1
        self.failed += not ok
        print("%s %d - %s" % ("ok" if ok else "not ok", self.count, name))
        if not ok:
            for line in "\n".join(str(w) for w in why).splitlines()[:40]:
                print("# " + line)
        sys.stdout.flush()

    def case(self, name, function, *args):
        """A function that returns nothing, or raises AssertionError, in a directory of its own."""
        with tempfile.TemporaryDirectory(prefix="sandboxgen-test-") as folder:
            try:
                function(folder, *args)
                self.check(name, True)
            except Exception as error:  # whatever it is, it is this case that failed
                self.check(name, False, type(error).__name__, error)
            for inner, folders, _ in os.walk(folder):
                for each in folders:
                    os.chmod(os.path.join(inner, each), 0o755)
            shutil.rmtree(folder, ignore_errors=True)
            os.makedirs(folder, exist_ok=True)

    def done(self):
        print("1..%d" % self.count)
        sys.exit(1 if self.failed else 0)
