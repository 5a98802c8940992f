"""What the conformance tests work on and with: the built programs, the tools, directories that go away again.

run-tests sets the environment: SANDBOXGEN and BOOTSTRAP name the built programs, TOOLS_* the tools (see get-tools).
"""
import atexit
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[3]
HERE = TOP / "tests" / "conformance"
SANDBOXGEN = os.environ.get("SANDBOXGEN", str(TOP / "sandboxgen"))
BOOTSTRAP = os.environ.get("BOOTSTRAP", str(TOP / "bootstrap"))
REGION = "ap-south-1"

# Specs whose rendered sets are all held against the tools.  {} is the seed's sandbox.
SPECS = {
    "seed": "{}\n",
    "large": (
        "name: report-runner\nstack: report-runner-stack\nregion: us-east-1\nmemory: 2048\ntimeout: 120\nconcurrency: 25\n"
        "network: {cidr: 172.16.8.0/22, zones: 3}\nlogs: {retention: 365}\n"
        "deploy: {repository: acme/reports, branch: release, environment: staging}\n"
    ),
}


def tool(name):
    """The path that get-tools found for TOOLS_<name>."""
    path = os.environ.get("TOOLS_" + name)
    if not path:
        raise RuntimeError(f"TOOLS_{name} is not set: start this through ./run-tests")
    return path


def venv(name, program):
    return os.path.join(tool(name), "bin", program)


def scratch():
    """A directory that every user can read, gone at the end."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="sandboxgen-test."))
    path.chmod(0o755)
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


def clean_env(**more):
    """An environment in which AWS's tools neither call home nor find credentials of the machine."""
    env = {
        "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": os.environ.get("TEST_HOME", "/nonexistent"), "LANG": "C.UTF-8",
        "SAM_CLI_TELEMETRY": "0", "AWS_DEFAULT_REGION": REGION, "AWS_REGION": REGION, "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test", "AWS_EC2_METADATA_DISABLED": "true", "AWS_PAGER": "", "NO_COLOR": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    env.update({key: str(value) for key, value in more.items()})
    return env


class Result:
    def __init__(self, argv, process):
        self.argv, self.status = argv, process.returncode
        self.out, self.err = process.stdout, process.stderr

    def __str__(self):
        command = " ".join(str(word) for word in self.argv)
        return f"$ {command}\nexit {self.status}\n{self.out}\n{self.err}"

    def json(self):
        return json.loads(self.out)


def run(*argv, cwd=None, env=None, text_in=None, timeout=300):
    """Runs a command to its end; never raises for its exit status."""
    process = subprocess.run(
        [str(word) for word in argv], cwd=cwd, env=clean_env() if env is None else env, timeout=timeout, text=True,
        errors="replace", input=text_in, stdin=subprocess.DEVNULL if text_in is None else None, capture_output=True)
    return Result(argv, process)


def driver(venv_name, name, *arguments, **options):
    """Runs a program of drivers/ with the Python of that virtual environment."""
    return run(venv(venv_name, "python"), "-B", HERE / "drivers" / name, *arguments, **options)


def render(text, directory):
    """The set that `sandboxgen render` makes of a spec, in a directory of its own; a copy of RENDERED where that is set."""
    if os.environ.get("RENDERED"):
        shutil.copytree(os.environ["RENDERED"], directory)
        return directory
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "sandbox.yaml").write_text(text)
    result = run(SANDBOXGEN, "render", cwd=directory)
    if result.status != 0:
        raise RuntimeError(str(result))
    return directory


def rendered_sets():
    """(name, directory) of every spec above, and of those in examples/."""
    base = scratch()
    sets = [(name, render(text, base / name)) for name, text in SPECS.items()]
    return sets + [(f"examples/{name}", example(name, base / name)) for name in ("packages", "strict")]


def example(name, directory):
    """A copy of examples/NAME, rendered."""
    shutil.copytree(TOP / "examples" / name, directory)
    return render((directory / "sandbox.yaml").read_text(), directory)


def as_other_user(argv):
    """The command line that runs argv without root's rights; argv itself where there are none to lose."""
    if os.getuid() != 0:
        return list(argv)
    return ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--", *argv]


def reachable_python(path):
    """The interpreter at a place that the other user can read too: a checkout may lie where only its owner can."""
    if subprocess.run(as_other_user(["test", "-x", path]), stdin=subprocess.DEVNULL, capture_output=True).returncode == 0:
        return path
    prefix = pathlib.Path(path).parents[1]
    copy = scratch() / "python"
    shutil.copytree(prefix, copy, symlinks=True)
    return str(copy / "bin" / pathlib.Path(path).name)


sys.dont_write_bytecode = True
