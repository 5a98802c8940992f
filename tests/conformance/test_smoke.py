"""The smoke test for an account's owner, as far as it goes without one: --dry-run prints each call and makes none, and against
ministack its calls up to the first invocation are ones that AWS's tools take."""
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "lib"))
import bench
import loopback
import tap

SMOKE = bench.TOP / "tests" / "aws" / "smoke"


def path_with_tools(*, recording=None):
    tools = bench.scratch()
    for name, program in (("sandboxgen", bench.SANDBOXGEN), ("jq", bench.tool("JQ")), ("aws", bench.tool("AWS")),
                          ("sam", bench.venv("SAM", "sam"))):
        text = f'#!/bin/sh\nexec {program} "$@"\n'
        if recording and name in ("sam", "aws"):
            endpoint = '--endpoint-url "$AWS_ENDPOINT_URL" ' if name == "aws" else ""
            text = f'#!/bin/sh\necho "{name} $*" >> {recording}\nexec {program} {endpoint}"$@"\n'
        (tools / name).write_text(text)
        (tools / name).chmod(0o755)
    return f"{tools}:/usr/bin:/bin"


def dry_run():
    home = bench.scratch()
    calls = home / "calls"
    env = bench.clean_env(HOME=home, TMPDIR=home, PATH=path_with_tools(recording=calls))
    result = bench.run("bash", SMOKE, "--dry-run", env=env)
    tap.ok(result.status == 0, "--dry-run", result)
    printed = [line[2:] for line in result.err.splitlines() if line.startswith("+ ")]
    for start in ("sam build", "sam deploy", "aws lambda invoke", "sam delete", "aws cloudformation wait stack-delete-complete"):
        tap.ok(any(line.startswith(start) for line in printed), f"it prints {start}", result)
    tap.ok(not calls.exists(), "and calls neither sam nor aws")
    tap.ok("dollar" in result.err, "it says what it costs, first")
    tap.same(result.out.count("would check"), 14, "and what it would check")
    result = bench.run("bash", SMOKE, env=env)
    tap.ok(result.status == 2 and not calls.exists(), "without an answer nothing is made", result)
    tap.same(bench.run("bash", SMOKE, "--nonsense", env=env).status, 2, "an unknown option")


def against_ministack():
    """ministack starts the handler instead of the executor, which must refuse to run anything: so the first answer is no answer,
    the smoke test says no, and cleans up."""
    home = bench.scratch()
    port = loopback.free_port()
    env = bench.clean_env(HOME=home, TMPDIR=home)
    server = loopback.Server([bench.venv("EMULATORS", "python"), "-B", bench.HERE / "drivers" / "ministack_server.py", str(port), home / "accepted"],
                             port, env, home / "server.log", cwd=home).wait_ready()
    calls = home / "calls"
    env = bench.clean_env(HOME=home, TMPDIR=home, AWS_ENDPOINT_URL=f"http://localhost:{port}", SMOKE_YES="1",
                          SANDBOXGEN_BOOTSTRAP=bench.BOOTSTRAP, PATH=path_with_tools(recording=calls))
    result = bench.run("bash", SMOKE, "--region", bench.REGION, env=env, timeout=400)
    made = calls.read_text().splitlines()
    tap.ok([line.split()[:2] for line in made][:3] == [["sam", "build"], ["sam", "deploy"], ["aws", "lambda"]], "it builds, deploys and invokes", result)
    tap.ok(result.status != 0 and "\nok 2 - a script runs" not in result.out, "where no executor runs it says no", result)
    tap.ok(any(line.startswith("sam delete") for line in made), "and deletes the stack all the same", made)
    server.stop()


if __name__ == "__main__":
    tap.main(dry_run, against_ministack)
