"""The JSON report of an audit is what src/report/report.schema.json says, for reports of each verdict.

The validator below knows the part of JSON Schema that the schema uses, and refuses a schema that uses more."""
import json
import os
import re
import subprocess
import sys

top = os.environ.get("top_srcdir", os.path.dirname(os.path.abspath(__file__)) + "/../..")
program = os.environ.get("top_builddir", top) + "/sandboxgen"
schema = json.load(open(top + "/src/report/report.schema.json", encoding="utf-8"))
TYPES = {"object": dict, "array": list, "string": str, "integer": int, "null": type(None)}
KNOWN = {"$schema", "title", "description", "type", "required", "additionalProperties", "properties", "definitions",
         "const", "enum", "items", "pattern", "minimum", "$ref"}


def check(value, s, at):
    """Yields a sentence for each place where value is not what the schema s says."""
    if set(s) - KNOWN:
        raise SystemExit("the validator does not know " + ", ".join(set(s) - KNOWN))
    if "$ref" in s:
        yield from check(value, schema["definitions"][s["$ref"].rsplit("/", 1)[1]], at)
        return
    types = s.get("type", [])
    types = [types] if isinstance(types, str) else types
    if types and not any(isinstance(value, TYPES[t]) and not isinstance(value, bool) for t in types):
        yield f"{at} is not {types}"
        return
    if "const" in s and value != s["const"]:
        yield f"{at} is not {s['const']}"
    if "enum" in s and value not in s["enum"]:
        yield f"{at} is {value!r}, not one of {s['enum']}"
    if "pattern" in s and not re.search(s["pattern"], value):
        yield f"{at} does not match {s['pattern']}"
    if "minimum" in s and value < s["minimum"]:
        yield f"{at} is less than {s['minimum']}"
    if isinstance(value, dict):
        for name in s.get("required", []):
            if name not in value:
                yield f"{at} has no {name}"
        for name, member in value.items():
            rest = s.get("additionalProperties", True)
            if name in s.get("properties", {}):
                yield from check(member, s["properties"][name], f"{at}.{name}")
            elif rest is False:
                yield f"{at}.{name} is not in the schema"
            elif isinstance(rest, dict):
                yield from check(member, rest, f"{at}.{name}")
    for i, item in enumerate(value if isinstance(value, list) else []):
        yield from check(item, s.get("items", {}), f"{at}[{i}]")


def audit(text, *options):
    done = subprocess.run([program, "audit", "--format", "json", "-", *options], input=text.encode(), capture_output=True,
                          check=False)
    return done.returncode, json.loads(done.stdout)


def page_example(rule, heading):
    page = subprocess.run([program, "explain", rule], capture_output=True, check=True).stdout.decode()
    return re.search(r"^```yaml\n(.*?)^```", page.split(f"## {heading}\n")[1], re.M | re.S).group(1)


def rendered():
    return subprocess.run([program, "render", "--stdout", "-"], input=b"{}\n", capture_output=True, check=True).stdout.decode()


cases = [
    ("pass", rendered(), 0),
    ("fail", page_example("NET008", "Fails"), 1),
    ("unproven", page_example("NET010", "Fails"), 1),
    ("error", "Resources: [", 2),
    ("no Unicode trouble", page_example("NET008", "Fails").replace("Gateway:", "Gatéway\u0085:"), None),
]
failed = 0
for n, (name, text, code) in enumerate(cases, 1):
    got, report = audit(text)
    faults = list(check(report, schema, "report"))
    if code is not None and got != code:
        faults.append(f"exit code {got}, not {code}")
    if (got == 0) != (report["verdict"] == "pass") or (got == 2) != (report["verdict"] == "error"):
        faults.append(f"exit code {got} and verdict {report['verdict']}")
    print(("not ok" if faults else "ok"), n, "-", "a report fits the schema:", name)
    for fault in faults:
        print("#", fault)
    failed += bool(faults)
broken = audit(page_example("NET008", "Fails"))[1]
broken["findings"][0]["line"] = 0
broken["extra"] = 1
print("ok" if len(list(check(broken, schema, "report"))) == 2 else "not ok", len(cases) + 1, "- the schema refuses what it should")
print(f"1..{len(cases) + 1}")
sys.exit(1 if failed else 0)
