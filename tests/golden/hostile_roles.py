"""Roles of a template that trust one another, each all others: who gets in through them is told within a few seconds and half a
gigabyte, and who does get in is never left out."""
import json
import os
import resource
import subprocess
import sys
import tempfile

top = os.environ.get("top_srcdir", os.path.dirname(os.path.abspath(__file__)) + "/../..")
program = os.path.abspath(os.environ.get("top_builddir", top) + "/sandboxgen")
SECONDS, BYTES = 20, 512 << 20


def document(**statement):
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]}


def mesh(count, callers, extra=()):
    """`count` roles; `callers` have the call, and the last one trusts `extra`, too."""
    resources = {"Runner": {"Type": "AWS::Lambda::Function", "Properties": {
        "Runtime": "python3.12", "Handler": "a.b", "Code": {"S3Bucket": "b", "S3Key": "k"}, "Role": "arn:aws:iam::111122223333:role/x"}}}
    for i in range(count):
        others = [{"Fn::GetAtt": [f"R{k}", "Arn"]} for k in range(count) if k != i] + list(extra if i == count - 1 else ())
        resources[f"R{i}"] = {"Type": "AWS::IAM::Role", "Properties": {
            "AssumeRolePolicyDocument": document(Principal={"AWS": others}, Action="sts:AssumeRole")}}
    for i in callers:
        resources[f"R{i}"]["Properties"]["Policies"] = [{"PolicyName": "call", "PolicyDocument": document(
            Action="lambda:InvokeFunction", Resource={"Fn::GetAtt": ["Runner", "Arn"]})}]
    return {"Resources": resources}


def verdicts(template):
    """What FUN005 says, or what went wrong instead."""
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/t.json", "w", encoding="utf-8") as file:
            json.dump(template, file)
        try:
            done = subprocess.run([program, "audit", "--format", "json", "t.json"], cwd=folder, capture_output=True, check=False,
                                  timeout=SECONDS)
        except subprocess.TimeoutExpired:
            return f"not done after {SECONDS} s"
    if done.returncode != 1:
        return f"exit code {done.returncode}: {done.stderr[-300:]}"
    return sorted({f["status"] for f in json.loads(done.stdout)["findings"] if f["rule"] == "FUN005"})


if "ASAN_OPTIONS" not in os.environ:  # whose shadow alone is larger
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
CASES = [(count, callers, extra, wanted) for count, callers in ((4, [0]), (9, [0]), (12, [3]), (40, [0]), (120, [110]))
         for extra, wanted in (((), []), (("*",), ["fail"]))]
# more than are looked at: who gets into the first ones is known, who is behind the others is not
CASES += [(120, range(120), ("*",), ["fail", "unproven"])]
bad = 0
for number, (count, callers, extra, wanted) in enumerate(CASES, 1):
    said = verdicts(mesh(count, callers, extra))
    good = said == wanted
    bad += not good
    print("ok" if good else "not ok", number, f"- {count} roles, {len(callers)} of them call, the last lets in {', '.join(extra) or 'nobody else'}")
    if not good:
        print("#", said, "where", wanted, "should be")
print(f"1..{len(CASES)}")
sys.exit(bool(bad))
