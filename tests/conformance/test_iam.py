"""Acceptance: the prover of permissions against others' judgement.

- z3 decides random pairs of policies too (IAM_PAIRS of them, 150 by default; `make check-iam` asks for 5,000).
- iam-simulate decides random requests too (IAM_REQUESTS, 2,000 by default; `make check-iam` asks for 100,000): a request
  is allowed where the policy that allows exactly it is contained.
- With IAM_CORPORA naming a folder of policy documents: each is within itself, within its union with another, and what a
  further Deny leaves of it is within it.
SEED chooses others.
"""
import json
import os
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "lib"))
import bench
import tap

SEED = int(os.environ.get("SEED", "1"))
PAIRS = int(os.environ.get("IAM_PAIRS", "150"))
REQUESTS = int(os.environ.get("IAM_REQUESTS", "2000"))
CORPORA = os.environ.get("IAM_CORPORA")
BATCH = 100  # requests of one policy


def contains(candidate, reference):
    result = bench.run(bench.SANDBOXGEN, "iam", "contains", candidate, reference, "--format", "json", timeout=60)
    return result.json()["verdict"] if result.status in (0, 1) else "error"


def pairs():
    result = bench.run(bench.venv("IAM", "python"), bench.HERE / "iam" / "pairs_z3.py", bench.SANDBOXGEN, PAIRS, SEED,
                       timeout=1400)
    if not tap.ok(result.status == 0, f"z3 on {PAIRS} pairs of policies: no verdict differs", str(result)):
        return
    sums = json.loads(result.out.strip().splitlines()[-1])
    verdicts = sums["verdicts"]
    tap.note(f"verdicts (ours/z3): {verdicts}")
    for name in ("pass", "fail"):
        share = sum(n for v, n in verdicts.items() if v.startswith(name)) / PAIRS
        tap.ok(share >= 0.3, f"{name} is {share:.0%} of the verdicts")
    open_ones = sum(n for v, n in verdicts.items() if v.startswith("unproven"))
    tap.ok(open_ones <= PAIRS / 100, f"{open_ones} of them unproven")


# ------------------------------------------------------------------------------------------------ requests

CALLS = [("s3:GetObject", "arn:aws:s3:::{}/{}"), ("s3:PutObject", "arn:aws:s3:::{}/{}"), ("s3:ListBucket", "arn:aws:s3:::{}"),
         ("sqs:SendMessage", "arn:aws:sqs:eu-west-1:111122223333:{}"), ("sqs:ReceiveMessage", "arn:aws:sqs:eu-west-1:111122223333:{}"),
         ("dynamodb:GetItem", "arn:aws:dynamodb:eu-west-1:111122223333:table/{}"),
         ("lambda:InvokeFunction", "arn:aws:lambda:eu-west-1:111122223333:function:{}")]
NAMES = ["one", "two", "onetwo", "three"]
ACTIONS = ["s3:*", "s3:Get*", "S3:getobject", "s3:?etObject", "s3:PutObject", "s3:List*", "sqs:*", "sqs:SendMessage", "dynamodb:GetItem",
           "dynamodb:*Item", "lambda:Invoke*", "*", "*"]
RESOURCES = ["*", "arn:aws:s3:::*", "arn:aws:s3:::one/*", "arn:aws:s3:::one*", "arn:aws:s3:::t?o/*", "arn:aws:sqs:*:*:*", "arn:aws:sqs:eu-west-1:111122223333:one*",
             "arn:aws:dynamodb:eu-west-1:111122223333:table/*", "arn:aws:lambda:*:111122223333:function:three", "arn:aws:s3:::ONE/*"]
TESTS = {
    "aws:SecureTransport": ("Bool", ["true", "false"], [("Bool", ["true", "false"])]),
    "aws:CurrentTime": ("DateEquals", ["2024-01-01T00:00:00Z", "2025-06-01T12:00:00Z"],
                        [(f"Date{o}", ["2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z"])
                         for o in ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")]),
    "aws:SourceIp": ("IpAddress", ["10.1.2.3", "192.168.0.9"], [(o, ["10.0.0.0/8", "192.168.0.9/32", "10.1.2.0/24"]) for o in ("IpAddress", "NotIpAddress")]),
    "aws:MultiFactorAuthAge": ("NumericEquals", ["5", "60"],
                               [(f"Numeric{o}", ["5", "30"])
                                for o in ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")]),
    "aws:PrincipalTag/team": ("StringEquals", ["red", "Red", "blue"],
                              [(o, ["red", "r*", "?lue", "BLUE"]) for o in ("StringEquals", "StringNotEquals", "StringLike", "StringNotLike",
                                                                            "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase")]),
}
ALWAYS = ("aws:SecureTransport", "aws:CurrentTime")  # iam-simulate puts them into a request that lacks them


def random_policy(rnd):
    statements = []
    for _ in range(rnd.choice([1, 2, 3])):
        s = {"Effect": "Deny" if rnd.random() < 0.15 else "Allow",
             "NotAction" if rnd.random() < 0.1 else "Action": rnd.sample(ACTIONS, rnd.choice([1, 2])),
             "NotResource" if rnd.random() < 0.1 else "Resource": rnd.sample(RESOURCES, rnd.choice([1, 2]))}
        for _ in range(rnd.choice([0, 0, 1, 2])):
            key = rnd.choice(list(TESTS))
            op, values = rnd.choice(TESTS[key][2])
            op += "IfExists" if rnd.random() < 0.2 else ""
            s.setdefault("Condition", {}).setdefault(op, {})[key] = rnd.sample(values, rnd.choice([1, min(2, len(values))]))
        statements.append(s)
    return {"Version": "2012-10-17", "Statement": statements}


def random_request(rnd):
    action, form = rnd.choice(CALLS)
    resource = form.format(*[rnd.choice(NAMES) for _ in range(form.count("{}"))])
    context = {k: rnd.choice(v[1]) for k, v in TESTS.items() if k in ALWAYS or rnd.random() < 0.6}
    return {"action": action, "resource": resource, "context": context, "principal": "arn:aws:iam::111122223333:role/r"}


def exactly(request):
    condition = {}
    for key, (op, _, _) in TESTS.items():
        if key in request["context"]:
            condition.setdefault(op, {})[key] = request["context"][key]
        else:
            condition.setdefault("Null", {})[key] = "true"
    return {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": request["action"], "Resource": request["resource"],
                                                   "Condition": condition}}


def simulate(policy, requests):
    result = bench.run("node", bench.HERE / "drivers" / "simulate.mjs", bench.tool("SIMULATE"),
                       text_in=json.dumps({"policies": {"p": policy}, "requests": requests}),
                       env=bench.clean_env(PATH="/usr/local/bin:/usr/bin:/bin"))
    if result.status != 0:
        raise RuntimeError(str(result)[:2000])
    return result.json()


def requests():
    rnd, differences, compared, allowed = random.Random(SEED), [], 0, 0
    folder = bench.scratch()
    p, c = folder / "p.json", folder / "c.json"
    for _ in range(REQUESTS // BATCH):
        policy, batch = random_policy(rnd), [random_request(rnd) for _ in range(BATCH)]
        p.write_text(json.dumps(policy))
        for request, answer in zip(batch, simulate(policy, batch)):
            c.write_text(json.dumps(exactly(request)))
            ours = contains(c, p)
            compared += 1
            allowed += ours == "pass"
            if {"pass": "Allowed", "fail": "Denied"}.get(ours, "?") not in answer:
                differences.append(f"{ours} / {answer}: {json.dumps(request)} by {json.dumps(policy)}")
    tap.note(f"{compared} requests, {allowed} allowed, {len(differences)} differences")
    tap.ok(len(differences) <= compared * 0.02 and allowed >= compared / 20, f"iam-simulate on {compared} requests",
           "\n".join(differences))


# ------------------------------------------------------------------------------------------------ corpora

def statements(document):
    s = document["Statement"]
    return s if isinstance(s, list) else [s]


def corpora():
    if not CORPORA:
        return
    paths = sorted(pathlib.Path(CORPORA).rglob("*.json"))
    false_alarms, open_ones, refused = [], [], []
    folder = bench.scratch()
    other = folder / "other.json"
    for k, path in enumerate(paths):
        document = json.loads(path.read_text())
        try:
            more = statements(json.loads(paths[(k + 7) % len(paths)].read_text()))
            union = [s for s in more if s.get("Effect") == "Allow"]
            deny = {"Effect": "Deny", "Action": ["s3:*", "ec2:Describe*"], "Resource": "*"}
            # a Deny of another document is left out: it takes away from the union
            for name, extra, swap in (("itself", [], False), ("its union", union, False), ("with a Deny", [deny], True)):
                if name == "with a Deny" and any("Principal" in s or "NotPrincipal" in s for s in statements(document)):
                    deny["Principal"] = "*"
                other.write_text(json.dumps({**document, "Statement": statements(document) + extra}))
                verdict = contains(other, path) if swap else contains(path, other)
                if verdict == "error":
                    refused.append(f"{path}: {name}")
                elif verdict != "pass":
                    (false_alarms if verdict == "fail" else open_ones).append(f"{path}: {name}")
        except (KeyError, TypeError, AttributeError):
            refused.append(str(path))
    tap.note(f"{len(paths)} documents; unproven: {len(open_ones)}; malformed, refused: {len(refused)}")
    tap.note("\n".join(open_ones))
    tap.ok(not false_alarms, "no document is said to go beyond itself", "\n".join(false_alarms))
    tap.ok(len(open_ones) <= 0.02 * 3 * len(paths), "few stay unproven", "\n".join(open_ones))


tap.main(pairs, requests, corpora)
