"""Runs untrusted scripts in the deployed sandbox, one call each:  caller.py FUNCTION SCRIPT...

What the caller must get right: no retries (a script may have had effects, and its time is paid twice), a read timeout above the
function's own, and the difference between a script that failed and a call that did.
"""
import concurrent.futures
import json
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

SECONDS = 30  # the timeout of sandbox.yaml
# The script's own doing: tell its author.  `reported` kinds are the script's word, the others the supervisor's.
SCRIPT = {"syntax", "exception", "exit", "timeout", "memory", "output_limit", "signal", "result_not_json", "result_too_large",
          "sandbox_denied"}


class ScriptFailed(Exception):
    """The script's fault; `error` is what the answer says of it."""

    def __init__(self, error):
        super().__init__(f"{error['kind']}: {error.get('message') or ''}")
        self.error = error


class CallFailed(Exception):
    """Ours, or AWS's: throttled, not deployed, a malformed request.  `again` where a later try may succeed."""

    def __init__(self, message, again=False):
        super().__init__(message)
        self.again = again


def client(**options):
    return boto3.client("lambda", config=Config(retries={"total_max_attempts": 1}, read_timeout=SECONDS + 10, connect_timeout=5,
                                                max_pool_connections=50), **options)


def run_script(aws, function, script, data=None, tenant=None):
    """The result of the script.  With `tenancy: per-tenant` each call needs a tenant's id."""
    event = {"script": script, "input": data}
    extra = {"TenantId": tenant} if tenant else {}
    try:
        reply = aws.invoke(FunctionName=function, Payload=json.dumps(event).encode(), **extra)
    except (ClientError, BotoCoreError) as error:
        # Throttled: nothing has run. Whatever else: not allowed, no such function, or no answer, and then the script may have run.
        throttled = isinstance(error, aws.exceptions.TooManyRequestsException)
        raise CallFailed("throttled" if throttled else str(error), again=throttled) from error
    payload = json.loads(reply["Payload"].read())
    if reply.get("FunctionError"):
        raise CallFailed(f"the function failed: {payload.get('errorMessage', '')}", again=True)
    body = json.loads(payload["body"])
    if body["ok"]:
        return body["result"]
    error = body["error"]
    if error["kind"] in SCRIPT:
        raise ScriptFailed(error)
    raise CallFailed(f"{error['kind']}: {error.get('message')}", again=error["kind"] == "internal")  # bad_request, internal


def run_all(aws, function, scripts, at_once=10):
    """(result, error) of each script, in order; at most `at_once` of them run side by side, like `concurrency` of the spec."""
    def one(script):
        try:
            return run_script(aws, function, script), None
        except (ScriptFailed, CallFailed) as error:
            return None, error
    with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
        return list(pool.map(one, scripts))


if __name__ == "__main__":
    texts = []
    for path in sys.argv[2:]:
        with open(path, encoding="utf-8") as stream:
            texts.append(stream.read())
    for result, error in run_all(client(), sys.argv[1], texts):
        print(json.dumps({"result": result, "error": str(error) if error else None}))
