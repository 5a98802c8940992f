"""Random requests by iam-simulate and by our point evaluator; and what breaks out of a policy, asked again there.

Where both differ, the reason must be one of CLASSES, each with a source outside of both.
"""
import collections
import itertools
import json
import random
import re

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

ELEMENTS = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html"
VARIABLES = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html"
MISMATCHES = "iam-simulate 0.1.173, dist/esm/explain/statementExplain.js, shortArnExpandedMismatch: \"preserve existing conservative behavior and are not inverted\""


def listed(value):
    return value if isinstance(value, list) else [value]


def resources(statement):
    return listed(statement.get("Resource", statement.get("NotResource", [])))


def glob(pattern, text):
    parts = {"*": ".*", "?": "."}
    return re.fullmatch("".join(parts.get(c) or re.escape(c) for c in pattern), text, re.DOTALL) is not None


def by_parts(pattern, text):
    """An ARN's first five colons separate; parts that a pattern lacks are stars."""
    wanted, given = pattern.split(":", 5), text.split(":", 5)
    wanted += ["*"] * (6 - len(wanted))
    return len(given) == 6 and all(glob(w, g) for w, g in zip(wanted, given))


def has_variable(policy, request):
    """A resource with a policy variable, which some value of it lets match; a NotResource with one, which may void its statement."""
    if any("${" in r for s in batch.statements(policy) for r in listed(s.get("NotResource", []))):
        return True
    forms = [re.sub(r"\$\{[^}]*\}", "*", r) for s in batch.statements(policy) for r in resources(s) if "${" in r]
    return any(glob(form, request["resource"]) for form in forms)


def two_readings(policy, request):
    """A resource that this request's matches as one pattern, and not part by part (or is short, and so has no parts of its own)."""
    word = request["resource"]
    return any(r != "*" and (glob(r, word) != by_parts(r, word) or r.count(":") < 5 and glob(r, word))
               for s in batch.statements(policy) for r in resources(s))


def short_exception(effect):
    """A NotResource, of a statement with that effect, with an ARN of less than six parts, which is not this request's."""
    return lambda policy, request: any(
        r != "*" and r.count(":") < 5 and not by_parts(r, request["resource"])
        for s in batch.statements(policy) if s["Effect"] == effect for r in listed(s.get("NotResource", [])))


# What may differ: (our answer, name, source, and how it is told from what is an error of ours).
CLASSES = [
    ("maybe", "a policy variable in a resource: what it stands for is not looked up in the request", VARIABLES, has_variable),
    ("maybe", "a star at the end of an ARN's part may match beyond colons: how far is not documented, and both readings differ here",
     ELEMENTS, two_readings),
    ("yes", "a NotResource with a short ARN: iam-simulate lets the Allow match nothing", MISMATCHES, short_exception("Allow")),
    ("no", "the same in a Deny, which matches nothing there either", MISMATCHES, short_exception("Deny")),
]


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
             "NotResource" if rnd.random() < 0.1 else "Resource": [rare(rnd) if rnd.random() < 0.03 else rnd.choice(RESOURCES[:-3])
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
        for verdict, name, source, applies in CLASSES:
            if ours == verdict and applies(policy, request):
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


def account_of(resource):
    """Of its owner, where the ARN names one; else the role's."""
    account = (resource.split(":") + [""] * 5)[4]
    return account if re.fullmatch("[0-9]{12}", account) else PRINCIPAL.split(":")[4]


VARIABLE = re.compile(r"\$\{([^},]*)[^}]*\}")


def filled(value):
    """What stands for a variable's unknown value in a request of ours has one."""
    return [filled(v) for v in value] if isinstance(value, list) else VARIABLE.sub("value", value)


def context_of(request):
    """The keys that a request has, among them those of the variables in it."""
    given = {k: v for k, v in request["context"].items() if v is not None}
    keys = VARIABLE.findall(json.dumps([request["resource"], given]))
    return {**{k: "value" for k in keys}, **{k: filled(v) for k, v in given.items()}}


def as_asked(request, catalogue):
    """The request as it would come: from a role of the account that has the resource; a key's policy leaves it to IAM's.

    https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html
    """
    account = account_of(request["resource"])
    asked = {"action": request["action"], "resource": filled(request["resource"]), "principal": f"arn:aws:iam::{account}:role/r",
             "context": context_of(request), "catalogue": catalogue}
    if request["action"].startswith("kms:"):
        asked["resourcePolicy"] = {"Version": "2012-10-17", "Statement": {
            "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}, "Action": "kms:*", "Resource": "*"}}
    return asked


def wild_service(request, document):
    return any("*" in (str(r).split(":") + [""] * 3)[2] and r != "*" for s in batch.statements(document) for r in resources(s))


def wild_type(request, document):
    """arn:…:*/…, of this request's resource"""
    return any("*" in re.split("[/:]", str(r).split(":", 5)[-1])[0] and r != "*" and by_parts(str(r), request["resource"])
               for s in batch.statements(document) for r in resources(s))


def no_arn(request, document):
    return any(not isinstance(r, str) or r != "*" and not r.startswith("arn:") for s in batch.statements(document) for r in resources(s))


# What iam-simulate refuses on principle, and we do not: (name, source, how it is told).
WHY_NOT = [
    ("a call that needs no permission: it is allowed there by every policy", "https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html",
     lambda request, document: request["action"] == "sts:GetCallerIdentity"),
    ("the account in the ARN is none that a role can be of: AWS's own, or a placeholder",
     "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html",
     lambda request, document: re.fullmatch("([0-9]{12})?", (request["resource"].split(":") + [""] * 5)[4]) is None),
    ("a role of Identity Center's, which nobody else may change", "https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html",
     lambda request, document: request["action"].startswith("iam:") and ":role/aws-reserved/sso.amazonaws.com/" in request["resource"]),
    ("a wildcard in the service of an ARN, which AWS advises against", ELEMENTS, wild_service),
    ("a wildcard in the type of a resource: iam-simulate refuses it; AWS's own example has it (ec2:REGION:ACCOUNT:*/*)",
     "https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html", wild_type),
    ("a resource that is no ARN: iam-simulate refuses the policy", ELEMENTS, no_arn),
]


# What stays open about a policy as a whole: (name, source, how it is told).
WHY_OPEN = [
    ("a date that is none, or a time that is past", "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html",
     lambda document: any(op.startswith("Date") for s in batch.statements(document) for op in s.get("Condition", {}))),
    ("a policy variable where a number has to be", VARIABLES,
     lambda document: any(op.startswith("Numeric") and "${" in json.dumps(keys)
                          for s in batch.statements(document) for op, keys in s.get("Condition", {}).items())),
]


class Breakouts:
    """Of the requests that break out: how many iam-simulate confirms, and what it says of the others."""

    def __init__(self, documents, answers):
        self.verdicts = collections.Counter(a["verdict"] for a in answers)
        self.open = [(name, next((what for what, _, applies in WHY_OPEN if applies(document)), ""))
                     for (name, document), answer in zip(documents, answers) if answer["verdict"] == "unproven"]
        self.known, self.unknown, self.reasons, self.unexplained = 0, collections.Counter(), collections.Counter(), []

    def all(self):
        return self.known + sum(self.unknown.values()) + sum(self.reasons.values()) + len(self.unexplained)


def simulate_all(cases, policies, catalogue):
    """The answers to each case's request by what `policies` makes of it, in their order; cases of one policy go together."""
    jobs = [list(own) for _, own in itertools.groupby(cases, key=lambda case: case[0])]
    said = []
    for k in range(0, len(jobs), CHUNK):
        said += simulate([{"policies": {"p": policies(own[0])}, "requests": [as_asked(request, catalogue) for _, _, request in own]}
                          for own in jobs[k:k + CHUNK]])
    return [answer for answers in said for answer in answers]


def judged(cases, catalogue):
    """(those that the policy allows and the reference does not, [(case, what was said of it)])."""
    inside = simulate_all(cases, lambda case: case[1], catalogue)
    outside = simulate_all(cases, lambda case: REFERENCE, catalogue)
    good = [one == "Allowed" and two.endswith("Denied") for one, two in zip(inside, outside)]
    return ([case for case, yes in zip(cases, good) if yes],
            [(case, f"{one[:200]} / {two[:200]}") for case, one, two, yes in zip(cases, inside, outside, good) if not yes])


def witnesses(documents):
    """What breaks out of the executor's reference, asked again: as AWS has it today; then the rest without AWS's catalogue."""
    documents = [(name, identity(d)) for name, d in documents]
    answers = batch.ask({"candidate": d, "reference": REFERENCE} for _, d in documents)
    cases = [(name, d, request) for (name, d), answer in zip(documents, answers) for request in answer["requests"]]
    sums = Breakouts(documents, answers)
    known, rest = judged(cases, True)
    sums.known = len(known)
    why = {json.dumps(case): said for case, said in rest}
    later, rest = judged([case for case, _ in rest], False)
    for case in later:
        said = why[json.dumps(case)]
        sums.unknown["no such resource of the action" if "no.resource.types" in said else
                     "the action has no resources" if "must.use.wildcard" in said else "the condition key is not the action's"] += 1
    for (name, document, request), said in rest:
        found = [f"{what} ({source})" for what, source, applies in WHY_NOT if applies(request, document)]
        if found:
            sums.reasons[found[0]] += 1
        else:
            sums.unexplained.append(f"{name}: {said}: {json.dumps(request)}")
    return sums
