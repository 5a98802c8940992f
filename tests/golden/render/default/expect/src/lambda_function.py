# Written by sandboxgen from sandbox.yaml: change that, then run `sandboxgen render`. Stamp d95893ba2a2c610b
"""The handler that is never called.

The function starts through AWS_LAMBDA_EXEC_WRAPPER=/var/task/bootstrap: Lambda starts the executor, and the executor runs
the scripts, each in a confined process. Should that variable ever be missing, Lambda starts Python with this handler.
It runs nothing.
"""


def lambda_handler(event, context):
    raise RuntimeError(
        "no script was run: the executor was not started. The function needs the environment variable "
        "AWS_LAMBDA_EXEC_WRAPPER=/var/task/bootstrap, and the file bootstrap in its bundle"
    )
