"""What `render` writes, and how: goldens, determinism, files that are somebody's, all or nothing, and a property.

render/NAME/ holds a sandbox.yaml (and a requirements.lock); expect/ below it the files that are rendered.  Of every case
but `default` only the files that differ from the default's are kept.
"""
import fcntl
import json
import os
import pty
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import golden  # noqa: E402
import plain_yaml  # noqa: E402

CASES = os.path.join(golden.SOURCE, "render")
FILES = ["template.yaml", "samconfig.toml", "Makefile", "src/lambda_function.py", "src/sandbox.json",
         ".github/workflows/deploy.yml", ".gitignore", "sandbox.schema.json", "SANDBOX.md"]
RENDERED = sorted(FILES)


def spec(folder, text="{}\n"):
    golden.write(os.path.join(folder, "sandbox.yaml"), text.encode())


def render(folder, *args, code=0, **kwargs):
    run = golden.Run(folder, "render", *args, **kwargs)
    assert run.code == code, "exit %d, wanted %d\n%s%s" % (run.code, code, run.out.decode(), run.err.decode())
    return run


def written(folder):
    """What is there beside the inputs."""
    return {path: entry for path, entry in golden.tree(folder).items()
            if path not in ("sandbox.yaml", "requirements.lock")}


def change(path, old, new):
    data = golden.read(path)
    assert old in data, path
    golden.write(path, data.replace(old, new))


# ------------------------------------------------------------------------------------------------ goldens

def expected(case):
    files = {name: data for name, (_, data) in golden.tree(os.path.join(CASES, "default", "expect")).items()}
    files.update({name: data for name, (_, data) in golden.tree(os.path.join(CASES, case, "expect")).items()})
    return files


def update(case, files):
    top = os.path.join(CASES, case, "expect")
    shutil.rmtree(top, ignore_errors=True)
    base = {} if case == "default" else expected("default")
    for name, data in files.items():
        if base.get(name) != data:
            golden.write(os.path.join(top, name), data)


def golden_case(folder, case):
    for name in ("sandbox.yaml", "requirements.lock"):
        data = golden.read(os.path.join(CASES, case, name))
        if data is not None:
            golden.write(os.path.join(folder, name), data)
    render(folder)
    files = {name: data for name, (_, data) in written(folder).items()}
    assert set(RENDERED) <= set(files), sorted(files)
    if golden.UPDATE:
        update(case, files)
    wanted = expected(case)
    assert sorted(files) == sorted(wanted), sorted(files)
    for name in sorted(files):
        assert files[name] == wanted[name], "%s differs\n%s" % (name, files[name].decode())
    assert render(folder, "--stdout").out == files["template.yaml"]
    assert render(folder, "--check").out == b""


def examples_render(folder):
    examples = os.path.join(golden.SOURCE, "..", "..", "examples")
    names = [name for name in sorted(os.listdir(examples)) if os.path.exists(os.path.join(examples, name, "sandbox.yaml"))]
    for name in names:
        place = os.path.join(folder, name)
        shutil.copytree(os.path.join(examples, name), place)
        os.chmod(place, 0o755)
        render(place)
        render(place, "--check")
    assert len(names) >= 3


def stands_alone(folder):
    """Each line of a file ends, none ends in a blank, and there is no tab outside of the Makefile."""
    spec(folder)
    render(folder)
    for name, (_, data) in written(folder).items():
        assert data.endswith(b"\n") and b"\r" not in data, name
        for line in data.split(b"\n"):
            assert line == line.rstrip(), (name, line)
            assert name == "Makefile" or b"\t" not in line, (name, line)
            assert b"@{" not in line and b"#@" not in line, (name, line)


# ------------------------------------------------------------------------------------------------ determinism

def same_bytes_everywhere(folder):
    places = [("plain", {}, 0o022), ("umask", {}, 0o077), ("open", {}, 0),
              ("world", {"LC_ALL": "de_DE.UTF-8", "LANG": "tr_TR.UTF-8", "TZ": "Pacific/Kiritimati", "HOME": "/"}, 0o027)]
    trees = []
    for name, env, mask in places:
        place = os.path.join(folder, name)
        spec(place, "tags: {b: '1', a: '2'}\nmemory: 512\n")
        render(place, env=golden.environment(**env), preexec_fn=lambda mask=mask: os.umask(mask))
        trees.append(written(place))
    for other in trees[1:]:
        assert other == trees[0]
    for name, (mode, _) in trees[0].items():
        assert mode == 0o644, (name, oct(mode))
    for inner, folders, _ in os.walk(os.path.join(folder, "umask")):
        for each in folders:
            assert os.stat(os.path.join(inner, each)).st_mode & 0o7777 == 0o755, each


def from_elsewhere(folder):
    spec(os.path.join(folder, "a"))
    render(os.path.join(folder, "a"))
    os.makedirs(os.path.join(folder, "b"))
    render(os.path.join(folder, "b"), "../a/sandbox.yaml", "--output-dir", "../c")
    assert written(os.path.join(folder, "a")) == written(os.path.join(folder, "c"))
    assert not written(os.path.join(folder, "b"))
    render(folder, os.path.join(folder, "a", "sandbox.yaml"), "--check")


# ------------------------------------------------------------------------------------------------ somebody's files

def second_run_is_quiet(folder):
    spec(folder)
    render(folder)
    before = {name: os.stat(os.path.join(folder, name)).st_mtime_ns for name in FILES}
    assert render(folder).out.count(b"unchanged") == len(FILES)
    assert before == {name: os.stat(os.path.join(folder, name)).st_mtime_ns for name in FILES}


def stale_files_are_replaced(folder):
    spec(folder)
    render(folder)
    spec(folder, "memory: 512\n")
    diff = render(folder, "--check", code=1).out
    assert b"-      MemorySize: 256\n+      MemorySize: 512\n" in diff, diff
    assert diff.startswith(b"--- template.yaml\n+++ template.yaml\n@@ -1,4 +1,4 @@\n")
    render(folder)
    render(folder, "--check")


def edited_files_are_kept(folder):
    for name in FILES:
        place = os.path.join(folder, name.replace("/", "_"))
        spec(place)
        render(place)
        path = os.path.join(place, name)
        golden.write(path, golden.read(path).replace(b"sandbox", b"playground", 3).replace(b"/.aws-sam/", b"") + b"\n")
        if name == "samconfig.toml":
            change(path, b"secure-python", b"other")
        spec(place, "memory: 512\nstack: another\n")
        before = golden.tree(place)
        run = render(place, code=1)
        assert name.encode() in run.err and b"--force" in run.err, run.err
        assert golden.tree(place) == before, name
        assert b"+++ " + name.encode() in render(place, "--check", code=1).out
        assert golden.tree(place) == before, name
        render(place, "--force")
        render(place, "--check")


def foreign_files_are_kept(folder):
    spec(folder)
    golden.write(os.path.join(folder, "Makefile"), b"all:\n\ttrue\n")
    golden.write(os.path.join(folder, "src", "own.py"), b"pass\n")
    before = golden.tree(folder)
    assert b"not sandboxgen's" in render(folder, code=1).err
    assert golden.tree(folder) == before
    render(folder, "--force")
    assert golden.read(os.path.join(folder, "src", "own.py")) == b"pass\n"


def samconfig_of_guided(folder):
    """What `sam deploy --guided` adds is none of our business; what it changes is."""
    spec(folder)
    render(folder)
    path = os.path.join(folder, "samconfig.toml")
    change(path, b"confirm_changeset = true", b"confirm_changeset = false\nprofile = \"workflow-app-dev\"\n"
           b"s3_prefix = \"secure-python-executor-stack\"\nimage_repositories = []\nregion = 'ap-south-1' # again")
    render(folder, "--check")
    assert b"unchanged samconfig.toml" in render(folder).out
    change(path, b"region = 'ap-south-1' # again", b"region = 'eu-west-1'")
    render(folder, "--check", code=1)
    render(folder, code=1)


def samconfig_of_a_removed_environment(folder):
    """A section stays in a samconfig.toml that is the user's too: --check names it, until it is deleted."""
    spec(folder, "environments: {prod: {memory: 128}, dev: {}}\n")
    render(folder)
    path = os.path.join(folder, "samconfig.toml")
    change(path, b"confirm_changeset = true", b"confirm_changeset = true\nprofile = \"app\"")
    spec(folder, "environments: {dev: {}}\n")
    said = b"section for template.prod.yaml"
    result = render(folder)
    assert b"unchanged samconfig.toml" in result.out and result.err.count(said) == 1, result
    assert render(folder, "--check", code=1).err.count(said) == 1
    for name in ("template.prod.yaml", "src/sandbox.prod.json", "SANDBOX.prod.md"):
        os.unlink(os.path.join(folder, name))
    assert said in render(folder, "--check", code=1).err
    text = golden.read(path)
    start, end = (text.index(b"# sam build --config-env \"%s\"" % name) for name in (b"prod", b"dev"))
    golden.write(path, text[:start] + text[end:])
    render(folder, "--check")


def gitignore_of_others(folder):
    spec(folder)
    golden.write(os.path.join(folder, ".gitignore"), b"*.pyc\n/.aws-sam/\n")
    render(folder)
    assert golden.read(os.path.join(folder, ".gitignore")) == b"*.pyc\n/.aws-sam/\n"
    render(folder, "--check")


# ------------------------------------------------------------------------------------------------ all or nothing

def check_writes_nothing(folder):
    spec(folder)
    diff = render(folder, "--check", code=1).out
    assert diff.count(b"--- /dev/null\n") == len(FILES)
    assert not written(folder)
    render(folder, "--check", "--output-dir", "nowhere", code=2)
    assert not written(folder)


def links_are_not_followed(folder):
    for name in FILES + [".github", "src"]:
        place = os.path.join(folder, name.replace("/", "_"))
        spec(place)
        outside = os.path.join(place, "outside")
        if name in FILES:
            golden.write(outside, b"precious\n")
        else:
            os.makedirs(outside)
        os.makedirs(os.path.dirname(os.path.join(place, name)), exist_ok=True)
        os.symlink(outside, os.path.join(place, name))
        before = golden.tree(place)
        for args in ([], ["--force"], ["--check"]):
            assert b"symbolic link" in render(place, *args, code=2).err
            assert golden.tree(place) == before, name


def strange_targets(folder):
    for name, make in (("template.yaml", os.mkdir), ("Makefile", os.mkfifo), ("src", lambda path: golden.write(path, b"x"))):
        place = os.path.join(folder, name)
        spec(place)
        make(os.path.join(place, name))
        before = golden.tree(place)
        render(place, "--force", code=2)
        assert golden.tree(place) == before, name


def no_room(folder):
    """A limit on the size of a file stands for a full disk: the write fails half way."""
    spec(folder)
    render(folder)
    before = golden.tree(folder)
    spec(folder, "memory: 512\n")
    for limit in (0, 1000, 6000, 8500):
        run = render(folder, code=2, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
        assert b"as they were before" in run.err, run.err
        assert written(folder) == {k: v for k, v in before.items() if k != "sandbox.yaml"}
    place = os.path.join(folder, "fresh")
    render(folder, "--output-dir", place, code=2,
           preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (6000, 6000)))
    assert not os.path.exists(place)


def as_nobody():
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)


def read_only_directory(folder):
    """As an unprivileged user, with a copy of the program, since the build tree may be closed to that user."""
    program, place = os.path.join(folder, "sandboxgen"), os.path.join(folder, "place")
    shutil.copy(golden.PROGRAM, program)
    spec(place)
    os.makedirs(os.path.join(place, "src"))
    for path, mode in ((program, 0o755), (os.path.join(place, "src"), 0o555), (place, 0o777), (folder, 0o755)):
        os.chmod(path, mode)
    done = subprocess.run([program, "render"], cwd=place, env=golden.environment(), capture_output=True, check=False,
                          preexec_fn=as_nobody if os.getuid() == 0 else None)
    assert done.returncode == 2, done
    assert b"src/lambda_function.py" in done.stderr and b"Permission denied" in done.stderr, done.stderr
    assert not written(place)


def old_and_new(folder):
    """A directory with an old set, and the new set that its spec asks for."""
    spec(folder)
    render(folder)
    old = written(folder)
    spec(folder, "memory: 512\n")
    new_place = folder + "-new"
    render(folder, "--output-dir", new_place)
    return old, written(new_place)


def killed_between_two_files(folder):
    """What SIGKILL between two renames leaves, made by hand: the next run puts the old set back and starts again."""
    place = os.path.join(folder, "place")
    old, new = old_and_new(place)
    template = os.path.join(place, "template.yaml")
    golden.write(os.path.join(place, ".template.yaml.sandboxgen-old"), old["template.yaml"][1])
    golden.write(template, new["template.yaml"][1])
    golden.write(os.path.join(place, ".Makefile.sandboxgen-new"), b"half a f")
    os.chmod(os.path.join(place, ".Makefile.sandboxgen-new"), 0o600)
    assert b"wrote template.yaml" in render(place).out
    assert written(place) == new
    golden.write(os.path.join(place, ".template.yaml.sandboxgen-old"), b"somebody's own, under --force\n")
    render(place, code=1)
    assert golden.read(template) == b"somebody's own, under --force\n"


def killed_anywhere(folder):
    """SIGKILL after some time, many times: always the old or the new bytes of each file, and one more run mends it."""
    place = os.path.join(folder, "place")
    old, new = old_and_new(place)
    generator = random.Random(3)
    for _ in range(40):
        child = subprocess.Popen([golden.PROGRAM, "render"], cwd=place, env=golden.environment(),
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(generator.random() * 0.02)
        child.send_signal(generator.choice([signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGINT]))
        code = child.wait()
        now = written(place)
        for name in FILES:
            assert now[name] in (old[name], new[name]), name
        if code != -signal.SIGKILL:
            assert sorted(now) == RENDERED, sorted(now)
            assert now in (old, new), code
        render(place)
        assert written(place) == new
        for name in FILES:
            golden.write(os.path.join(place, name), old[name][1])


def one_at_a_time(folder):
    spec(folder)
    handle = os.open(folder, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    assert b"another sandboxgen" in render(folder, code=2).err
    assert not written(folder)
    os.close(handle)
    render(folder)


def output_that_cannot_be_printed(folder):
    spec(folder)
    with open("/dev/full", "wb") as full:
        done = subprocess.run([golden.PROGRAM, "render", "--stdout"], cwd=folder, env=golden.environment(), stdout=full,
                              stderr=subprocess.PIPE, check=False)
    assert done.returncode == 2, done.returncode
    run = render(folder, "--stdout", "--check", code=2)
    assert not run.out


def what_fails_the_audit_is_not_written(folder):
    """The program built with a template that switches DNS on (src/render/module.am)."""
    spec(folder)
    leaky = os.path.join(os.path.dirname(golden.PROGRAM), "tests", "golden", "sandboxgen-leaky")
    for args in (["render"], ["render", "--stdout"], ["render", "--check"], ["render", "--force"]):
        done = subprocess.run([leaky, *args], cwd=folder, env=golden.environment(), capture_output=True, check=False)
        assert done.returncode == 2 and not done.stdout, (args, done)
        assert b"NET004 fail" in done.stderr and b"a fault of sandboxgen" in done.stderr, done.stderr
        assert not written(folder)


# ------------------------------------------------------------------------------------------------ tenancy

def tenancy_needs_a_new_name(folder):
    """Lambda fixes the tenancy when it makes a function: the same name cannot get another one."""
    for old, new in (("{}\n", "tenancy: per-tenant\n"), ("tenancy: per-tenant\n", "{}\n"),
                     ("{}\n", "environments: {prod: {tenancy: per-tenant}}\n")):
        place = os.path.join(folder, str(len(os.listdir(folder))))
        spec(place, "environments: {prod: {}}\n" if "prod" in new else old)
        render(place)
        before = written(place)
        spec(place, new)
        for args in (["--check"], []):
            run = render(place, *args, code=1)
            assert b"tenancy of the function workflow-python-executor cannot change" in run.err, run.err
            assert b"new name" in run.err, run.err
            assert written(place) == before
        spec(place, new.replace("{tenancy", "{name: another, tenancy") if "prod" in new else
             ("" if new == "{}\n" else new) + "name: another\n")
        render(place)
        spec(place, new)
        render(place, "--force")
        assert not render(place, "--check").err


# ------------------------------------------------------------------------------------------------ environments

def environments_stand_alone(folder):
    """An environment's template is what its keys would render as a spec of their own, but for the function's logical id."""
    both = {"memory": "512", "timeout": "7", "name": "other", "concurrency": "3", "region": "eu-west-1"}
    spec(os.path.join(folder, "a"), "zones: 1\n".replace("zones: 1", "network: {zones: 1}") + "environments:\n  prod: {%s}\n"
         % ", ".join("%s: %s" % item for item in both.items()))
    spec(os.path.join(folder, "b"), "network: {zones: 1}\n" + "".join("%s: %s\n" % item for item in both.items()))
    for place in ("a", "b"):
        render(os.path.join(folder, place))
    mine = golden.read(os.path.join(folder, "a", "template.prod.yaml")).split(b"\n", 1)[1]
    alone = golden.read(os.path.join(folder, "b", "template.yaml")).split(b"\n", 1)[1]
    assert mine.replace(b"ExecutorFunctionProd", b"ExecutorFunction") == alone
    mine = golden.read(os.path.join(folder, "a", "src", "sandbox.prod.json")).split(b"\n", 2)[2]
    assert mine == golden.read(os.path.join(folder, "b", "src", "sandbox.json")).split(b"\n", 2)[2]
    audit = golden.Run(os.path.join(folder, "a"), "audit", "--no-inline", "--spec", "sandbox.yaml", "--config-env", "prod",
                       "template.prod.yaml")
    assert audit.code == 0, audit.out
    assert golden.Run(os.path.join(folder, "a"), "audit", "--spec", "sandbox.yaml", "template.prod.yaml").code == 1
    assert golden.Run(os.path.join(folder, "a"), "audit", "--spec", "sandbox.yaml", "--config-env", "no").code == 2
    assert golden.Run(os.path.join(folder, "a"), "audit", "--config-env", "prod", "template.prod.yaml").code == 1


def what_is_left_is_named(folder):
    """Files of an environment that is gone, and a bootstrap.yaml that nobody asks for, are named and not touched."""
    spec(folder, "deploy: {repository: a/b}\nenvironments: {prod: {memory: 512}, test: {}}\n")
    render(folder)
    golden.write(os.path.join(folder, "template.mine.yaml"), b"Resources: {}\n")
    os.symlink("template.prod.yaml", os.path.join(folder, "template.link.yaml"))
    assert golden.Run(folder, "render", "--check").code == 0
    spec(folder, "environments: {test: {}}\n")
    wanted = ["SANDBOX.prod.md", "bootstrap.prod.yaml", "bootstrap.test.yaml", "bootstrap.yaml", "src/sandbox.prod.json", "template.prod.yaml"]
    before = written(folder)
    for again in range(2):
        run = golden.Run(folder, "render", "--check")
        left = [line.split(":")[0] for line in run.err.decode().splitlines() if "nothing that it is for" in line]
        assert run.code == 1 and sorted(left) == sorted(wanted), run.err
        if again:
            assert not run.out, run.out
        run = golden.Run(folder, "render")
        assert run.code == 0 and run.err.count(b"nothing that it is for") == len(wanted), run.err
    for name in wanted:
        assert written(folder)[name] == before[name], name
        os.unlink(os.path.join(folder, name))
    run = golden.Run(folder, "render", "--check")
    assert run.code == 0 and not run.err, run.err


# ------------------------------------------------------------------------------------------------ invokers

def invokers_are_asked_for(folder):
    """Who the spec lets in passes; what is let in beyond it, or in another way, is found."""
    arn = "arn:aws:iam::111122223333:role/app"
    spec(folder, "invokers: [\"%s\"]\n" % arn)
    render(folder)
    path = os.path.join(folder, "template.yaml")
    text = golden.read(path)

    def audit(*args):
        return golden.Run(folder, "audit", *args)

    assert audit().code == 0 and audit("--no-inline", "--spec", "sandbox.yaml").code == 0
    refused = audit("--no-inline")
    assert refused.code == 1 and b"FUN005" in refused.out, refused.out
    principal = b"Principal: " + arn.encode()
    assert text.count(principal) == 1
    for new in (b"Principal: '*'", b"Principal: arn:aws:iam::111122223333:role/ap", b"Principal: '111122223333'",
                b"Principal: arn:aws:iam::111122223333:root", b"Principal: s3.amazonaws.com",
                principal + b"\n      FunctionUrlAuthType: NONE"):
        golden.write(path, text.replace(principal, new))
        for args in ([], ["--no-inline", "--spec", "sandbox.yaml"]):
            assert audit(*args).code == 1, (new, args)
    for action in (b"lambda:*", b"lambda:InvokeFunctionUrl", b"lambda:UpdateFunctionCode"):
        golden.write(path, text.replace(b"Action: lambda:InvokeFunction\n", b"Action: '" + action + b"'\n"))
        assert audit().code == 1, action


# ------------------------------------------------------------------------------------------------ lock

def lock(text, words, code=2):
    def case(folder):
        spec(folder, "packages: [Six==1.16.0]\n")
        golden.write(os.path.join(folder, "requirements.lock"), text.encode())
        run = render(folder, code=code)
        assert words.encode() in run.err, run.err
        assert code == 0 or not written(folder)
    return case


HASH = " --hash=sha256:" + "a" * 64
LOCKS = {
    "complete": ("six==1.16.0" + HASH + "\n", "", 0),
    "CRLF and continued": ("six==1.16.0 \\\r\n   " + HASH + "\r\n", "", 0),
    "another version": ("six==1.15.0" + HASH + "\n", "requirements.lock has six 1.15.0"),
    "without it": ("seven==1" + HASH + "\n", "requirements.lock does not have Six==1.16.0"),
    "without a hash": ("six==1.16.0\n", "requirements.lock:1:1: error: no --hash"),
    "a hash in a comment": ("six==1.16.0 #" + HASH + "\n", "requirements.lock:1:1: error: no --hash"),
    "a short hash": ("six==1.16.0 --hash=sha256:aa\n", "requirements.lock:1:13: error: only --hash"),
    "a dependency without a hash": ("six==1.16.0" + HASH + "\nseven==1\n", "requirements.lock:2:1: error: no --hash"),
    "an option that builds": ("--no-binary :all:\nsix==1.16.0" + HASH + "\n", "this option is not used in a lock"),
    "another file": ("-r other.txt\nsix==1.16.0" + HASH + "\n", "this option is not used in a lock"),
    "a path": ("./six==1.16.0" + HASH + "\n", "a requirement of a lock is name==version"),
    "an URL": ("six @ https://example.com/six.whl" + HASH + "\n", "a requirement of a lock is name==version"),
}


# ------------------------------------------------------------------------------------------------ property

def tag_text(generator, least, most):
    alphabet = "abcXYZ019 _.:/=+-@" + "äßéЖ日本ﬀ\u00a0\u3000"
    words = ["yes", "on", "null", "~", "1:30", "012", "0x1f", "1e3", "2024-01-01", "!Ref", "- a", "a: b", "=", "<<", "true ", ""]
    text = generator.choice(words) if generator.random() < 0.2 else ""
    while len(text) < generator.randint(least, most):
        text += generator.choice(alphabet)
    text = "".join(c for c in text if c in alphabet or c.isalnum())
    return text or "a" * least


def values_survive(folder):
    """Random tags, as JSON in double quotes into the spec; every reader-proof spelling comes back as the same string."""
    generator = random.Random(20)
    for _ in range(30):
        tags = {}
        for _ in range(30):
            name = tag_text(generator, 1, 30)
            if not name.lower().startswith("aws:") and name.lower() not in {n.lower() for n in tags}:
                value = tag_text(generator, 0, 60)
                tags[name] = value if not value.lower().startswith("aws:") else ""
        text = "tags:\n" + "".join("  %s: %s\n" % (plain_yaml.double_quoted(n), plain_yaml.double_quoted(v))
                                   for n, v in tags.items())
        spec(folder, text)
        rendered = plain_yaml.load(render(folder, "--stdout").out.decode())
        resources = rendered["Resources"]
        assert resources["ExecutorFunction"]["Properties"]["Tags"] == tags
        for name in ("ExecutorRole", "ExecutorLogGroup", "SandboxVpc", "SandboxSubnetA", "ExecutorSecurityGroup"):
            pairs = [(t["Key"], t["Value"]) for t in resources[name]["Properties"]["Tags"]]
            assert [p for p in pairs if p[0] in tags] == list(tags.items()), name
            assert len(pairs) - len(tags) in (0, 1), name


def every_commented_key_can_be_taken_in(folder, lines):
    golden.write(os.path.join(folder, "requirements.lock"), ("numpy==2.1.3" + HASH + "\n").encode())
    schema = json.loads(golden.Run(folder, "schema").out)["properties"]
    keys = set(schema).union(*(section.get("properties", {}) for section in schema.values()))
    tried = set()
    for number, line in enumerate(lines):
        match = re.match("( *)# ([a-z_]+):", line)
        if match and match.group(2) in keys:
            spec(folder, "\n".join(lines[:number] + [line.replace("# ", "", 1)] + lines[number + 1:]) + "\n")
            render(folder, "--stdout")
            tried.add(match.group(2))
    sections = {"network", "logs", "alarms", "sandbox", "deploy"}
    live = {"name", "stack", "region", "python", "memory", "timeout"}
    assert tried == keys - sections - live, tried ^ (keys - sections - live)


def dialogue(folder, answers):
    """`init` on a terminal: what it says, and its exit code."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(folder)
        os.execve(golden.PROGRAM, [golden.PROGRAM, "init"], golden.environment())
    os.write(terminal, answers)
    said = b""
    while True:
        try:
            more = os.read(terminal, 4096)
        except OSError:
            break
        if not more:
            break
        said += more
    os.close(terminal)
    return said, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def init_asks(folder):
    said, code = dialogue(folder, b"no spaces please\nmine\n\neu-west-1\n3.13\n64\n512\n60\n")
    assert code == 0, said
    assert b"name must be letters" in said and b"memory is out of bounds" in said, said
    text = golden.read(os.path.join(folder, "sandbox.yaml")).decode()
    for line in ("name: mine", "stack: secure-python-executor-stack", "region: eu-west-1", "python: '3.13'", "memory: 512", "timeout: 60"):
        assert "\n" + line + "\n" in text, line
    render(folder)


def init_without_answers(folder):
    said, code = dialogue(folder, b"mine\n\x04")
    assert code == 2 and b"nothing was written" in said, (code, said)
    assert not os.listdir(folder)
    os.symlink("elsewhere", os.path.join(folder, "sandbox.yaml"))
    assert golden.Run(folder, "init", "--yes").code == 2
    assert os.listdir(folder) == ["sandbox.yaml"]


def from_standard_input(folder):
    """`render -`: the files go into the current directory."""
    done = subprocess.run([golden.PROGRAM, "render", "-"], cwd=folder, env=golden.environment(), input=b"memory: 64\n",
                          capture_output=True, check=False)
    assert done.returncode == 2 and b"<stdin>:1:9: error" in done.stderr, done.stderr
    done = subprocess.run([golden.PROGRAM, "render", "-"], cwd=folder, env=golden.environment(), input=b"{}\n",
                          capture_output=True, check=False)
    assert done.returncode == 0 and sorted(written(folder)) == RENDERED, done.stderr


def init(folder):
    run = golden.Run(folder, "init", "--yes", "made")
    assert run.code == 0 and run.out == b"wrote made/sandbox.yaml\n", run.err
    made = os.path.join(folder, "made")
    text = golden.read(os.path.join(made, "sandbox.yaml"))
    assert golden.Run(folder, "init", "--yes", "made").code == 2
    assert golden.read(os.path.join(made, "sandbox.yaml")) == text
    default = os.path.join(folder, "default")
    spec(default)
    assert render(made, "--stdout").out == render(default, "--stdout").out
    every_commented_key_can_be_taken_in(default, text.decode().splitlines())
    schema = golden.Run(folder, "schema")
    assert schema.code == 0 and schema.out == golden.read(os.path.join(made, "sandbox.schema.json"))


def main():
    tap = golden.Tap()
    for case in ["default"] + sorted(set(os.listdir(CASES)) - {"default"}):
        tap.case("golden: " + case, golden_case, case)
    for function in (examples_render, stands_alone, same_bytes_everywhere, from_elsewhere, second_run_is_quiet, stale_files_are_replaced,
                     edited_files_are_kept, foreign_files_are_kept, samconfig_of_guided, samconfig_of_a_removed_environment, gitignore_of_others,
                     check_writes_nothing, links_are_not_followed, strange_targets, no_room, read_only_directory,
                     killed_between_two_files, killed_anywhere, one_at_a_time, output_that_cannot_be_printed, what_fails_the_audit_is_not_written,
                     tenancy_needs_a_new_name, environments_stand_alone, what_is_left_is_named, invokers_are_asked_for, from_standard_input, init,
                     init_asks, init_without_answers,
                     values_survive):
        tap.case(function.__name__.replace("_", " "), function)
    for name, arguments in LOCKS.items():
        tap.case("lock: " + name, lock(*arguments))
    tap.done()


main()
