"""Random requests by iam-simulate and by our point evaluator; and what breaks out of a policy, asked again there.

Where both differ, the reason must be one of CLASSES, each with a source outside of both.
"""
import collections
import json
import random

import batch
import bench

POLICY_REQUESTS = 20  # of one policy
CHUNK = 250           # policies of one process
PRINCIPAL = "arn:aws:iam::111122223333:role/r"
ACCOUNT = "eu-west-1:111122223333"
CALLS = [("s3:GetObject", "arn:aws:s3:::{}/{}"), ("s3:PutObject", "arn:aws:s3:::{}/{}"), ("s3:ListBucket", "arn:aws:s3:::{}"),
         ("sqs:SendMessage", f"arn:aws:sqs:{ACCOUNT}:{{}}"), ("sqs:ReceiveMessage", f"arn:aws:sqs:{ACCOUNT}:{{}}"),
         ("dynamodb:GetItem", f"arn:aws:dynamodb:{ACCOUNT}:table/{{}}"), ("lambda:InvokeFunction", f"arn:aws:lambda:{ACCOUNT}:function:{{}}"),
         ("logs:CreateLogGroup", f"arn:aws:logs:{ACCOUNT}:log-group:{{}}"), ("iam:PassRole", "arn:aws:iam::111122223333:role/{}"),
         ("s3:ListAllMyBuckets", "*"), ("ec2:DescribeSubnets", "*")]
NAMES = ["one", "two", "onetwo", "three", "a:b"]
ACTIONS = ["s3:*", "s3:Get*", "S3:getobject", "s3:?etObject", "s3:PutObject", "s3:List*", "sqs:*", "sqs:SendMessage", "dynamodb:GetItem",
           "dynamodb:*Item", "lambda:Invoke*", "logs:*", "iam:Pass*", "ec2:Describe*", "*", "*"]
RESOURCES = ["*", "*", "arn:aws:s3:::*", "arn:aws:s3:::one/*", "arn:aws:s3:::one*", "arn:aws:s3:::t?o/*", "arn:aws:sqs:*:*:*",
             f"arn:aws:sqs:{ACCOUNT}:one*", f"arn:aws:dynamodb:{ACCOUNT}:table/*", "arn:aws:lambda:*:111122223333:function:three",
             "arn:aws:s3:::ONE/*", "arn:aws:logs:*:*:log-group:*", "arn:aws:iam::*:role/t*", "arn:aws:lambda:eu-*:*:function:?n*",
             "arn:aws:s3:::${aws:PrincipalTag/team}/*", "arn:*:s3:*", "arn:aws:sqs:eu-west-1:*"]
NUMERIC = [f"Numeric{o}" for o in ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")]
TEXTS = ["StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "StringLike", "StringNotLike"]
ARNS = ["arn:aws:sns:eu-west-1:1:a", "arn:aws:sns:eu-west-1:2:a", "arn:aws:lambda:eu-west-1:1:function:f"]
# key: (values of a request, [(operator, values of a policy)])
TESTS = {
    "aws:SecureTransport": (["true", "false"], [("Bool", ["true", "false", "True"])]),
    "aws:CurrentTime": (["2024-01-01T00:00:00Z", "2025-06-01T12:00:00Z"],
                        [(o.replace("Numeric", "Date"), ["2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z"]) for o in NUMERIC]),
    "aws:SourceIp": (["10.1.2.3", "192.168.0.9", "2001:db8::1"],
                     [(o, ["10.0.0.0/8", "192.168.0.9/32", "10.1.2.0/24", "2001:db8::/32"]) for o in ("IpAddress", "NotIpAddress")]),
    "aws:MultiFactorAuthAge": (["5", "60"], [(o, ["5", "30"]) for o in NUMERIC]),
    "aws:PrincipalTag/team": (["red", "Red", "blue"], [(o, ["red", "r*", "?lue", "BLUE", "*"]) for o in TEXTS]),
    "aws:SourceArn": (ARNS, [(o, ARNS + ["arn:aws:sns:*:1:a", "arn:aws:sns:eu-west-1:?:*", "arn:*:*:*:*:*"])
                             for o in ("ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike")]),
    "aws:TagKeys": ([["a"], ["a", "b"], ["c"], ["A", "c"]],
                    [(f"{q}:{o}", ["a", "b", "c", "?", "A"]) for q in ("ForAllValues", "ForAnyValue") for o in TEXTS]),
}
ALWAYS = ("aws:SecureTransport", "aws:CurrentTime")  # iam-simulate puts them into a request that lacks them

# What may differ: name, source, and how it is told from what is an error of ours.
CLASSES = [
    ("a policy variable: nobody but the request knows its value",
     "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html",
     lambda policy, ours: ours == "maybe" and "${" in json.dumps(policy)),
    ("a wildcard before an ARN's fifth colon: whether it crosses colons is documented one way and was seen another",
     "https://github.com/awsdocs/iam-user-guide/issues/175",
     lambda policy, ours: ours == "maybe" and any(crosses(r) for s in batch.statements(policy) for r in resources(s))),
    ("the same in a NotResource: iam-simulate lets such a statement match nothing", "https://github.com/awsdocs/iam-user-guide/issues/175",
     lambda policy, ours: ours == "yes" and any(crosses(r) for s in batch.statements(policy) for r in listed(s.get("NotResource", [])))),
]


def listed(value):
    return value if isinstance(value, list) else [value]


def resources(statement):
    return listed(statement.get("Resource", statement.get("NotResource", [])))


def service_of(resource):
    """Of an ARN; "" of what is none."""
    return (str(resource).split(":") + ["", "", ""])[2]


def wild_type(resource):
    """arn:…:*/…"""
    return "*" in (str(resource).split(":", 5) + [""] * 6)[5].partition("/")[0] and "/" in str(resource)


def crosses(resource):
    head = ":".join(resource.split(":")[:5])
    return resource != "*" and ("*" in head or "?" in head or resource.count(":") < 5)


def random_condition(rnd, condition):
    key = rnd.choice(list(TESTS))
    op, values = rnd.choice(TESTS[key][1])
    if rnd.random() < 0.08:
        condition.setdefault("Null", {})[key] = rnd.choice(["true", "false"])
        return
    if ":" not in op and rnd.random() < 0.2:
        op += "IfExists"
    condition.setdefault(op, {})[key] = rnd.sample(values, rnd.choice([1, min(2, len(values))]))


def random_policy(rnd):
    statements = []
    for _ in range(rnd.choice([1, 2, 3])):
        s = {"Effect": "Deny" if rnd.random() < 0.15 else "Allow",
             "NotAction" if rnd.random() < 0.1 else "Action": rnd.sample(ACTIONS, rnd.choice([1, 2, 3])),
             "NotResource" if rnd.random() < 0.1 else "Resource": [rare(rnd) if rnd.random() < 0.01 else rnd.choice(RESOURCES[:-3])
                                                                  for _ in range(rnd.choice([1, 2]))]}
        for _ in range(rnd.choice([0, 0, 1, 2])):
            random_condition(rnd, s.setdefault("Condition", {}))
        statements.append(s)
    return {"Version": "2012-10-17", "Statement": statements}


def rare(rnd):
    """What nobody decides for certain; few, so that what is compared is what can be decided."""
    return rnd.choice(RESOURCES[-3:])


def random_request(rnd):
    action, form = rnd.choice(CALLS)
    resource = form.format(*[rnd.choice(NAMES if "logs" in form else NAMES[:4]) for _ in range(form.count("{}"))])
    context = {k: rnd.choice(v[0]) for k, v in TESTS.items() if k in ALWAYS or rnd.random() < 0.6}
    return {"action": action, "resource": resource, "context": context, "principal": PRINCIPAL}


def simulate(jobs):
    result = bench.run("node", bench.HERE / "drivers" / "simulate.mjs", bench.tool("SIMULATE"), text_in=json.dumps(jobs),
                       env=bench.clean_env(PATH="/usr/local/bin:/usr/bin:/bin"), timeout=1200)
    if result.status != 0:
        raise RuntimeError(str(result)[:2000])
    return result.json()


class Comparison:
    """Sums over requests, and what differs without a reason."""

    def __init__(self):
        self.verdicts, self.classes, self.operators = collections.Counter(), collections.Counter(), collections.Counter()
        self.unexplained, self.invalid, self.compared = [], [], 0

    def add(self, policy, request, ours, theirs):
        if theirs.startswith("invalid"):
            self.invalid.append(f"{theirs[:200]}: {json.dumps(request)}")
            return
        self.compared += 1
        self.verdicts[f"{ours}/{theirs}"] += 1
        if (ours, theirs) == ("yes", "Allowed") or (ours == "no" and theirs.endswith("Denied")):
            return
        for name, source, applies in CLASSES:
            if applies(policy, ours):
                self.classes[f"{name} ({source})"] += 1
                return
        self.unexplained.append(f"{ours} / {theirs}: {json.dumps(request)} by {json.dumps(policy)}")

    def differences(self):
        return sum(self.classes.values()) + len(self.unexplained)


def compare(count, seed):
    rnd, sums = random.Random(seed), Comparison()
    while sums.compared < count:
        size = min(CHUNK, -(-(count - sums.compared) // POLICY_REQUESTS))
        jobs = [{"policy": random_policy(rnd), "requests": [random_request(rnd) for _ in range(POLICY_REQUESTS)]} for _ in range(size)]
        ours = batch.ask(jobs)
        theirs = simulate([{"policies": {"p": job["policy"]}, "requests": job["requests"]} for job in jobs])
        for job, mine, other in zip(jobs, ours, theirs):
            for s in job["policy"]["Statement"]:
                sums.operators.update({o.replace("IfExists", "") for o in s.get("Condition", {})})
            for request, one, two in zip(job["requests"], mine, other):
                sums.add(job["policy"], request, one, two)
    return sums


# ------------------------------------------------------------------------------------------------ what breaks out

# The reference that the executor's role is held to, for one function (iam/reference.c writes it for each).
NO_CODE = {"Null": {"lambda:SourceFunctionArn": "true"}}
GROUP = "arn:aws:logs:us-east-1:111122223333:log-group:/sandboxgen/x"
REFERENCE = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": [GROUP, GROUP + ":*"]},
    {"Effect": "Allow", "Action": ["ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"], "Resource": "*", "Condition": NO_CODE},
    {"Effect": "Allow", "Action": ["ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface"], "Condition": NO_CODE,
     "Resource": [f"arn:aws:ec2:us-east-1:111122223333:{kind}/*" for kind in ("network-interface", "subnet", "security-group")]}]}


def concrete(node):
    """Without intrinsics: a name stands for its value."""
    if isinstance(node, list):
        return [concrete(n) for n in node]
    if not isinstance(node, dict):
        return node
    if len(node) == 1:
        (name, value), = node.items()
        if name == "Ref" or name == "Fn::GetAtt":
            return "-".join(listed(value)).replace("::", "-")
        if name == "Fn::Sub":
            text = listed(value)[0]
            return text.replace("${AWS::Partition}", "aws").replace("${AWS::", "").replace("${", "").replace("}", "")
    return {k: concrete(v) for k, v in node.items()}


def identity(document):
    """As a policy of a role: without principals, and with a resource in each statement."""
    out = []
    for s in batch.statements(concrete(document)):
        s = {k: v for k, v in s.items() if k not in ("Principal", "NotPrincipal")}
        if "Resource" not in s and "NotResource" not in s:
            s["Resource"] = "*"
        out.append(s)
    return {"Version": document.get("Version", "2008-10-17"), "Statement": out}


# Why a request that breaks out is no "Allowed" there: name, source, and how it is told.
WHY_NOT = [
    ("the action knows no resource of this form today: the statement grants nothing with it",
     "https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html",
     lambda request, policy, answer: "must.use.wildcard" in answer or "no.resource.types" in answer),
    ("the action does not have the condition key today",
     "https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html",
     lambda request, policy, answer: any(not key.lower().startswith("aws:") or "tag" in key.lower() for key in request["context"])),
    ("a key's policy has to let IAM's in first", "https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html",
     lambda request, policy, answer: request["action"].startswith("kms:")),
    ("a wildcard in the service of an ARN, which AWS advises against",
     "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html",
     lambda request, policy, answer: any("*" in service_of(r) for s in batch.statements(policy) for r in resources(s))),
    ("the resource is another account's", "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html",
     lambda request, policy, answer: request["resource"].count(":") > 4 and request["resource"].split(":")[4] not in ("", "111122223333")),
    ("a wildcard in the type of a resource: iam-simulate refuses it, AWS documents it (ec2:REGION:ACCOUNT:*/*)",
     "https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html",
     lambda request, policy, answer: any(wild_type(r) for s in batch.statements(policy) for r in resources(s))),
    ("a role of Identity Center's, which nobody else may change",
     "https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html",
     lambda request, policy, answer: ":role/aws-reserved/" in request["resource"]),
    ("a resource that is no ARN: iam-simulate refuses the policy", "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html",
     lambda request, policy, answer: "identityPolicyErrors" in answer),
]


def witnesses(documents):
    """(confirmed, {reason: count}, [unexplained], verdicts) over what breaks out of the executor's reference."""
    documents = [(name, identity(d)) for name, d in documents]
    answers = batch.ask({"candidate": d, "reference": REFERENCE} for _, d in documents)
    cases = []
    for (name, document), answer in zip(documents, answers):
        found = [{"action": r["action"], "resource": r["resource"], "principal": PRINCIPAL,
                  "context": {k: v for k, v in r["context"].items() if v is not None}} for r in answer["requests"]]
        if found:
            cases.append((name, document, found))
    said = []
    for k in range(0, len(cases), CHUNK):
        part = cases[k:k + CHUNK]
        said += zip(simulate([{"policies": {"p": d}, "requests": found} for _, d, found in part]),
                    simulate([{"policies": {"p": REFERENCE}, "requests": found} for _, d, found in part]))
    confirmed, reasons, unexplained = 0, collections.Counter(), []
    for (name, document, found), (inside, outside) in zip(cases, said):
        for request, one, two in zip(found, inside, outside):
            if one == "Allowed" and two.endswith("Denied"):
                confirmed += 1
                continue
            why = [f"{what} ({source})" for what, source, applies in WHY_NOT if one != "Allowed" and two != "Allowed" and applies(request, document, one)]
            if why:
                reasons[why[0]] += 1
            else:
                unexplained.append(f"{name}: {one[:100]} / {two[:100]}: {json.dumps(request)}")
    return confirmed, reasons, unexplained, collections.Counter(a["verdict"] for a in answers)
