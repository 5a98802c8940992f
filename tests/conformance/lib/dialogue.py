"""Answers a program that asks questions on a pipe, as a person would who reads each one."""
import os
import re
import select
import subprocess
import time


def hold(argv, answers, cwd=None, env=None, timeout=300):
    """Runs argv; whenever its output stops at a question (": " at its end), the first pattern of `answers` that is found in
    the question gives the line to send; without one the program's own default is taken by an empty line.

    Returns (exit status, what was said, with the answers in it); the status is None where time ran out.
    """
    process = subprocess.Popen(argv, cwd=cwd, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, start_new_session=True)
    said, question, deadline = "", "", time.monotonic() + timeout
    try:
        while time.monotonic() < deadline:
            ready, _, _ = select.select([process.stdout], [], [], 0.3)
            if ready:
                chunk = os.read(process.stdout.fileno(), 65536).decode("utf-8", "replace")
                if not chunk:
                    return process.wait(30), said
                said, question = said + chunk, question + chunk
            elif question.endswith(": "):
                asked = question.rsplit("\n", 1)[-1]
                answer = next((text for pattern, text in answers if re.search(pattern, asked)), "")
                said, question = said + f"<{answer}>\n", ""
                process.stdin.write(answer.encode() + b"\n")
                process.stdin.flush()
        return None, said
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        process.stdin.close()
        process.stdout.close()
