"""Acceptance: pre-commit (pip) runs this checkout's hook in a real repository, builds the program for it, blocks a bad template and
lets a good one pass; the steps of action.yml, as a runner would start them, annotate and sum up.
"""
import json
import os
import pathlib
import re
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "lib"))
import bench
import tap

QUICK = "-O0"  # what is built here need not be fast, only soon there
OPEN, CLOSED = "EnableDnsSupport: true", "EnableDnsSupport: false"


def git(place, *arguments, env=None):
    return bench.run("git", "-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false", *arguments, cwd=place,
                     env=env or bench.clean_env(HOME=place.parent, GIT_CONFIG_NOSYSTEM="1"), timeout=900)


def checkout_as_repository():
    """What is in this checkout, as a repository that can be cloned; made files stay behind."""
    place = bench.scratch() / "sandboxgen"
    listed = bench.run("git", "-C", bench.TOP, "-c", f"safe.directory={bench.TOP}", "ls-files", "-co", "--exclude-standard", "-z")
    if listed.status == 0:
        for name in filter(None, listed.out.split("\0")):
            if (bench.TOP / name).is_file():
                (place / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(bench.TOP / name, place / name)
    else:
        shutil.copytree(bench.TOP, place, symlinks=True, ignore=shutil.ignore_patterns(".cache", "*.o", "*.a", "checks"))
    git(place, "init", "-q")
    git(place, "add", "-A")
    result = git(place, "commit", "-q", "-m", "as it is")
    if result.status != 0:
        raise RuntimeError(str(result))
    return place, git(place, "rev-parse", "HEAD").out.strip()


def a_repository(source, revision, hooks=("sandboxgen-audit", "sandboxgen-render")):
    place = bench.render("{}\n", bench.scratch() / "product")
    lines = [f"repos:\n- repo: {source}\n  rev: {revision}\n  hooks:\n", *(f"  - id: {hook}\n" for hook in hooks)]
    (place / ".pre-commit-config.yaml").write_text("".join(lines))
    git(place, "init", "-q")
    git(place, "add", "-A")
    return place


def the_hook():
    source, revision = checkout_as_repository()
    place = a_repository(source, revision)
    home = bench.scratch()
    # no sandboxgen on this PATH: it is built from the clone
    env = bench.clean_env(HOME=home, PATH=f"{bench.tool('HOOK')}/bin:/usr/bin:/bin", GIT_CONFIG_NOSYSTEM="1", PRE_COMMIT_COLOR="never", CFLAGS=QUICK)
    result = bench.run("pre-commit", "install", cwd=place, env=env)
    tap.ok(result.status == 0, "pre-commit installs", result)
    result = git(place, "commit", "-q", "-m", "good", env=env)
    tap.ok(result.status == 0 and "Passed" in result.out + result.err, "a good template is committed, by a program built from a clean clone", result)
    template = place / "template.yaml"
    good = template.read_text()
    template.write_text(good.replace(CLOSED, OPEN))
    git(place, "add", "-A")
    result = git(place, "commit", "-q", "-m", "bad", env=env)
    tap.ok(result.status != 0 and "NET004" in result.out + result.err, "a bad template is not", result)
    tap.same(git(place, "log", "--format=%s").out, "good\n", "and nothing of it is in the history")
    template.write_text(good.replace("MemorySize: 256", "MemorySize: 128"))
    git(place, "add", "-A")
    result = git(place, "commit", "-q", "-m", "edited", env=env)
    tap.ok(result.status != 0 and "+      MemorySize: 256" in result.out + result.err, "nor one that sandbox.yaml does not say", result)
    template.write_text(good)
    (place / "README").write_text("other\n")
    git(place, "add", "-A")
    tap.ok(git(place, "commit", "-q", "-m", "other", env=env).status == 0, "other files are not looked at")


def what_is_missing():
    """Without a compiler the hook says what to install."""
    tools = bench.scratch()
    for name in ("bash", "dirname", "env", "sed", "git", "mkdir", "python3", "grep"):
        path = shutil.which(name, path="/usr/bin:/bin")
        if path:
            os.symlink(path, tools / name)
    source, _ = checkout_as_repository()
    result = bench.run(f"{tools}/bash", source / "tools" / "hook", "audit", "x", cwd=source, env=bench.clean_env(PATH=tools))
    tap.ok(result.status == 2 and "apt-get install" in result.err and "gcc" in result.err, "the hook names what is missing", result)


def action_steps():
    """(name, environment, command) of each step, read as a runner reads them."""
    result = bench.run(bench.venv("LINT", "python"), "-c", "import json, sys, yaml; json.dump(yaml.safe_load(open(sys.argv[1])), sys.stdout)",
                       bench.TOP / "action.yml")
    return result.json()


def run_action(place, inputs, source=bench.TOP):
    action, home = action_steps(), bench.scratch()
    values = {f"inputs.{name}": inputs.get(name, row.get("default", "")) for name, row in action["inputs"].items()}
    values["github.action_path"] = str(source)
    summary, said, result = home / "summary.md", "", None
    for step in action["runs"]["steps"]:
        output = home / f"output-{step['id']}"
        output.touch()
        env = bench.clean_env(HOME=home, GITHUB_OUTPUT=output, GITHUB_STEP_SUMMARY=summary, RUNNER_TEMP=home, CFLAGS=QUICK)
        env.update({key: re.sub(r"\$\{\{ *([^} ]+) *\}\}", lambda match: values[match[1]], text) for key, text in step["env"].items()})
        result = bench.run("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"], cwd=place, env=env, timeout=900)
        said += result.out
        values.update({f"steps.{step['id']}.outputs.{key}": value for key, value in
                       (line.split("=", 1) for line in output.read_text().splitlines())})
        if result.status != 0:
            break
    return result, said, summary.read_text() if summary.exists() else "", values


def the_action():
    place = bench.render("{}\n", bench.scratch() / "product")
    inputs = {"program": bench.SANDBOXGEN, "spec": "sandbox.yaml"}
    result, said, summary, values = run_action(place, inputs)
    tap.ok(result.status == 0 and "::error" not in said and "sandboxgen: pass" in summary, "the action passes a good template", f"{said}{summary}{result}")
    tap.same(values.get("steps.audit.outputs.verdict"), "pass", "its output says so")
    template = place / "template.yaml"
    template.write_text(template.read_text().replace(CLOSED, OPEN))
    result, said, summary, values = run_action(place, inputs)
    line = template.read_text().split("\n").index(f"      {OPEN}") + 1
    tap.ok(result.status == 1 and f"::error file=template.yaml,line={line}," in said, "a bad one fails, with an annotation at its line", f"{said}{result}")
    tap.ok("sandboxgen: fail" in summary and "NET004" in summary, "and a summary", summary)
    tap.same(values.get("steps.audit.outputs.verdict"), "fail", "and its output says so")
    report = json.loads(pathlib.Path(values["steps.audit.outputs.report"]).read_text())
    sarif = json.loads(pathlib.Path(values["steps.audit.outputs.sarif"]).read_text())
    tap.same((report["verdict"], [row["ruleId"] for row in sarif["runs"][0]["results"]]), ("fail", ["NET004"]), "both reports are where it says")
    template.write_text("a: [")
    result, said, summary, values = run_action(place, inputs)
    tap.ok(result.status == 2 and "could not" in summary, "what cannot be read is no pass", f"{said}{summary}{result}")


def the_action_builds():
    """Without a program that is there already it builds its own revision, from a clean checkout, and judges with that."""
    source, _ = checkout_as_repository()
    place = bench.render("{}\n", bench.scratch() / "product")
    result, said, summary, values = run_action(place, {"spec": "sandbox.yaml"}, source)
    program = pathlib.Path(values.get("steps.install.outputs.program", "/nonexistent"))
    tap.ok(result.status == 0 and "sandboxgen: pass" in summary and program.is_file(), "the action builds what it judges with", f"{said}{summary}{result}")
    tap.same(git(source, "status", "--porcelain").out, "", "and leaves no file in its checkout that git would show")


def no_text_is_a_command():
    """What a template says stays text in annotations and summaries."""
    home = bench.scratch()
    evil = "one ::set-output name=x::y <script>|`x`[a](b)@all"
    (home / "report.json").write_text(json.dumps({"verdict": "fail", "files": [{"path": "a\n::error::x|<b>", "verdict": "fail"}], "findings": [
        {"rule": "NET001", "status": "fail", "severity": "high", "file": "a,b:c\n", "line": 1, "column": 1, "suppressed": None,
         "message": evil.replace(" ", "\n")}] * 300}))
    result = bench.run(sys.executable, bench.TOP / "tools" / "action_summary.py", home / "report.json", home / "summary.md")
    summary = (home / "summary.md").read_text()
    tap.same((result.status, result.out), (0, "fail\n"), "the verdict, for the output")
    tap.ok("<script>" not in summary and "\n::" not in summary and "\\`x\\`" in summary and "@all" not in summary, "the summary holds text", summary)
    tap.ok("\n100 more are in the report." in summary and len(summary) < 1 << 20, "and has an end")
    place = bench.render("{}\n", bench.scratch() / "product")
    template = place / "%0A::set-output name=x::y,a.yaml"
    (place / "template.yaml").rename(template)
    template.write_text(template.read_text().replace(CLOSED, OPEN).replace("SandboxVpc:", "'SandboxVpc':"))
    _, said, summary, values = run_action(place, {"program": bench.SANDBOXGEN, "templates": template.name})
    commands = [line for line in said.splitlines() if line.startswith("::")]
    tap.ok(commands and all(re.match(r"::(error|warning|notice) ", line) for line in commands) and "%250A" in said and values.get(
        "steps.audit.outputs.verdict") == "fail", "nor is a file's name one", said)


def the_tools():
    paths = [bench.TOP / name for name in ("tools/hook", "tools/action")]
    result = bench.run(bench.tool("SHELLCHECK"), "-x", "-P", bench.TOP, "-S", "warning", "-s", "bash", *paths)
    tap.ok(result.status == 0, "shellcheck on the scripts", result)
    place = bench.scratch()
    shutil.copy(bench.TOP / "action.yml", place)
    result = bench.run(bench.venv("LINT", "zizmor"), "--offline", "--persona", "auditor", "--no-progress", "--format", "json", place / "action.yml")
    tap.ok(result.status == 0 and result.out.strip() == "[]", "zizmor --persona auditor on action.yml", result)
    # actionlint reads an action where a workflow uses it
    workflow = place / ".github" / "workflows" / "use.yml"
    workflow.parent.mkdir(parents=True)
    workflow.write_text("on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n      - uses: ./\n        with:\n"
                        "          spec: sandbox.yaml\n          fail-on: low\n")
    git(place, "init", "-q")
    result = bench.run(bench.tool("ACTIONLINT"), "-no-color", workflow, cwd=place)
    tap.ok(result.status == 0, "actionlint on a workflow that uses the action", result)
    workflow.write_text(workflow.read_text().replace("spec:", "spek:"))
    result = bench.run(bench.tool("ACTIONLINT"), "-no-color", workflow, cwd=place)
    tap.ok(result.status == 1 and "spek" in result.out, "which knows the action's inputs", result)


if __name__ == "__main__":
    tap.main(the_hook, what_is_missing, the_action, the_action_builds, no_text_is_a_command, the_tools)
