"""Servers on 127.0.0.1 for the tests: a free port, a time limit, and an end by process id whatever happens."""
import atexit
import os
import signal
import socket
import subprocess
import threading
import time


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A process that listens on `port`; ready once a connection is accepted, ended after `limit` seconds at most."""

    def __init__(self, argv, port, env, log, cwd=None, limit=600):
        self.port, self.log = port, log
        self._out = open(log, "ab")
        self.process = subprocess.Popen(
            [str(word) for word in argv], env=env, cwd=cwd, stdin=subprocess.DEVNULL, stdout=self._out, stderr=self._out,
            start_new_session=True)
        self._timer = threading.Timer(limit, self.stop)
        self._timer.daemon = True
        self._timer.start()
        atexit.register(self.stop)

    def wait_ready(self, seconds=90):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(f"the server ended with {self.process.returncode}:\n{self.tail()}")
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return self
            except OSError:
                time.sleep(0.1)
        raise RuntimeError(f"no answer on port {self.port}:\n{self.tail()}")

    def tail(self, lines=40):
        with open(self.log, errors="replace") as stream:
            return "".join(stream.readlines()[-lines:])

    def stop(self):
        """Ends the process and what it started: they share the session that was made for them."""
        self._timer.cancel()
        for sign in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.process.pid, sign)
            except (ProcessLookupError, PermissionError):
                pass
            try:
                self.process.wait(5)
                if sign == signal.SIGKILL:
                    break
            except subprocess.TimeoutExpired:
                continue
        self._out.close()
