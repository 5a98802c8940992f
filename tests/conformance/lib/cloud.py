"""ministack, and in front of its functions the executor that was deployed there: everything that the commands of the documents need,
on 127.0.0.1."""
import pathlib
import platform
import sys

import bench
import loopback


def emulator():
    """AWS's Runtime Interface Emulator, in sam-cli's wheel."""
    name = "aws-lambda-rie-" + {"aarch64": "arm64"}.get(platform.machine(), platform.machine())
    return next(pathlib.Path(bench.tool("SAM")).glob(f"lib/python*/site-packages/samcli/local/rapid/{name}"))


class Cloud:
    """`env` is that of a shell in which sandboxgen, sam, aws, jq and python3 (with boto3) do as they would with an account; each call of
    sam and aws is a line of `calls`."""

    def __init__(self, limit=900):
        self.home, tools = bench.scratch(), bench.scratch()
        self.calls, port, invoke = self.home / "calls", loopback.free_port(), loopback.free_port()
        env = bench.clean_env(HOME=self.home, TMPDIR=self.home)
        ministack = [bench.venv("EMULATORS", "python"), "-B", bench.HERE / "drivers" / "ministack_server.py", str(port), self.home / "accepted"]
        self.servers = [loopback.Server(ministack, port, env, self.home / "server.log", cwd=self.home, limit=limit).wait_ready()]
        service = [sys.executable, "-B", bench.HERE / "drivers" / "lambda_service.py", str(invoke), str(port), emulator(),
                   bench.reachable_python(bench.tool("PYTHON312")), *bench.as_other_user([])]
        self.servers.append(loopback.Server(service, invoke, bench.clean_env(), self.home / "lambda.log", limit=limit).wait_ready())
        guided = f'{sys.executable} -B {bench.HERE / "drivers" / "sam_guided.py"} {bench.venv("SAM", "sam")}'
        # Debian's AWS CLI does not read AWS_ENDPOINT_URL
        self.write(tools, sandboxgen=f'exec {bench.SANDBOXGEN} "$@"', jq=f'exec {bench.tool("JQ")} "$@"',
                   python3=f'exec {bench.venv("EMULATORS", "python")} "$@"',
                   sam=f'echo "sam $*" >>{self.calls}\ncase " $* " in *" --guided "*) exec {guided} "$@" ;; esac\n'
                       f'exec {bench.venv("SAM", "sam")} "$@"',
                   aws=f'echo "aws $*" >>{self.calls}\nport={port}\n[ "$1 $2" != "lambda invoke" ] || port={invoke}\n'
                       f'exec {bench.tool("AWS")} --endpoint-url "http://localhost:$port" "$@"')
        self.env = bench.clean_env(HOME=self.home, TMPDIR=self.home, AWS_ENDPOINT_URL=f"http://localhost:{port}",
                                   AWS_ENDPOINT_URL_LAMBDA=f"http://localhost:{invoke}", PATH=f"{tools}:/usr/local/bin:/usr/bin:/bin",
                                   SANDBOXGEN_BOOTSTRAP=bench.BOOTSTRAP, AWS_ACCOUNT_ID="000000000000")

    @staticmethod
    def write(tools, **programs):
        for name, text in programs.items():
            (tools / name).write_text(f"#!/bin/sh\n{text}\n")
            (tools / name).chmod(0o755)

    def made(self):
        return self.calls.read_text().splitlines() if self.calls.exists() else []

    def stop(self):
        for server in self.servers:
            server.stop()
