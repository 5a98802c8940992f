"""audit --format sarif, junit and github say what the JSON report says, whatever the files hold and are called.

What is compared is the findings, one by one, and their places; that no text of a file or of its name becomes a line, a tag,
a link or a command of the format.  Whether the forms are valid is asked of other programs: tests/conformance/test_reports.py.
"""
import json
import os
import re
import urllib.parse
import xml.etree.ElementTree as xml

from golden import Run, Tap, environment
from hostile_files import COMMAND, HOSTILE, RULES, TEMPLATE


def put(folder, name, text):
    with open(os.path.join(os.fsencode(folder), os.fsencode(name)), "wb") as stream:
        stream.write(text if isinstance(text, bytes) else text.encode())


def reports(folder, names, *options):
    """Each format's output and the one exit code of all of them."""
    runs = {f: Run(folder, "audit", "--format", f, *options, "--", *names) for f in ("json", "sarif", "junit", "github", "text")}
    codes = {r.code for r in runs.values()}
    if len(codes) != 1:
        raise AssertionError(f"the formats have different exit codes: {codes}")
    return {f: r.out.decode() for f, r in runs.items()}, codes.pop(), runs["text"].err.decode()


def utf16(text):
    return text.encode("utf-16-le", "surrogatepass")


def units(path, region):
    """The text of a SARIF region, counted in UTF-16's code units."""
    with open(path, encoding="utf-8-sig", newline="") as stream:
        lines = re.split(r"(?<=\n)|(?<=\r)(?!\n)", stream.read())
    first, last = region["startLine"] - 1, region["endLine"] - 1
    if first == last:
        return utf16(lines[first])[2 * region["startColumn"] - 2:2 * region["endColumn"] - 2].decode("utf-16-le")
    return "".join([utf16(lines[first])[2 * region["startColumn"] - 2:].decode("utf-16-le"), *lines[first + 1:last],
                    utf16(lines[last])[:2 * region["endColumn"] - 2].decode("utf-16-le")])


def characters(path, f):
    """The text of a place in the JSON report, counted in characters."""
    with open(path, encoding="utf-8-sig", newline="") as stream:
        lines = re.split(r"(?<=\n)|(?<=\r)(?!\n)", stream.read())
    first, last = f["line"] - 1, f["endLine"] - 1
    if first == last:
        return lines[first][f["column"] - 1:f["endColumn"] - 1]
    return "".join([lines[first][f["column"] - 1:], *lines[first + 1:last], lines[last][:f["endColumn"] - 1]])


def check_sarif(folder, text, findings):
    run = json.loads(text)["runs"][0]
    assert len(run["results"]) == len(findings), "another number of results"
    for r, f in zip(run["results"], findings):
        rule = run["tool"]["driver"]["rules"][r["ruleIndex"]]
        assert r["ruleId"] == f["rule"] == rule["id"], "another rule"
        assert (r["kind"], r["properties"]["status"]) == ({"fail": "fail", "unproven": "open"}[f["status"]], f["status"])
        assert r["level"] == "none" if f["status"] == "unproven" else r["level"] in ("error", "warning", "note")
        physical = r["locations"][0]["physicalLocation"]
        path = urllib.parse.unquote(physical["artifactLocation"]["uri"])
        assert path == f["file"], f"another file: {path!r}"
        path = os.path.join(folder, path)
        assert units(path, physical["region"]) == characters(path, f), f"another place: {physical['region']}"
        hops = [h["location"] for flow in r.get("codeFlows", []) for h in flow["threadFlows"][0]["locations"]]
        assert len(hops) == len(f["witness"]), "another witness"
        assert re.search(r"(?<!\\)\]\(", r["message"]["text"]) is None, "a link"
        assert re.search(r"(?<!\{)\{[0-9]", r["message"]["text"]) is None, "a placeholder"
        assert not re.search(r"[\0-\x09\x0b-\x1f]", r["message"]["text"]), "a control character"


def unescape(text):
    for code, char in (("%3A", ":"), ("%2C", ","), ("%0D", "\r"), ("%0A", "\n"), ("%25", "%")):
        text = text.replace(code, char)
    return text


def command(line):
    """A line as GitHub's runner reads it: what, properties, text."""
    found = re.fullmatch(r"::(error|warning|notice) ((?:[a-zA-Z]+=[^,:\r\n]*,?)*)::([^\r\n]*)", line)
    assert found, f"no command: {line!r}"
    return (found[1], {k: unescape(v) for k, v in (p.split("=", 1) for p in found[2].split(","))}, unescape(found[3]))


def shown(text):
    """As the program shows a text of the user's."""
    text = re.sub(r"[\0-\x1f\x7f]", lambda m: f"\\x{ord(m[0]):02x}", text)
    return re.sub(r"(?<=##)\[", r"\\x5b", text)


def check_github(text, findings):
    lines = text.split("\n")
    assert lines.pop() == "", "no line feed at the end"
    commands = [command(line) for line in lines]
    got = sorted((p["title"], p["file"], p["line"], t.split("\n")[0]) for _, p, t in commands if re.match(r"[A-Z]+\d+ |own_", p["title"]))
    wanted = sorted((f"{f['rule']} {f['status']} {f['severity']}", shown(f["file"]), str(f["line"]), shown(f["message"])) for f in findings)
    assert got == wanted, f"{got} is not {wanted}"
    order = [["error", "warning", "notice"].index(c[0]) for c in commands[1:]]
    assert order == sorted(order), "not the worst first"


def check_junit(text, report):
    root = xml.fromstring(text.encode())
    cases = [(s.get("name"), c) for s in root for c in s.iter("testcase")]
    for s in root:
        for what, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(s.get(what)) == len(s.findall(f"testcase/{tag}")), f"the count of {what}"
        assert int(s.get("tests")) == len(s.findall("testcase"))
    assert len(root) == len(report["files"])
    counting = [f for f in report["findings"] if f["severity"] != "low" and not f["suppressed"]]
    for f in counting:
        name = f["rule"] + (" " + f["resource"] if f["resource"] else "") + ":"
        case = next(c for s, c in cases if s == shown(f["file"]) and c.get("name").startswith(name))
        assert shown(f["message"]) in case.find("failure").text, f"no failure for {name}"
    assert root.get("failures") == str(len({(f["file"], f["rule"], f["resource"]) for f in counting}))
    return cases


def check_text(text, err):
    for line in (text + err).split("\n"):
        assert not re.search(r"[\0-\x1f\x7f]", line), f"a control character: {line!r}"
        assert not line.lstrip().startswith("::") and "##[" not in line, f"a command: {line!r}"


def say_the_same(folder):
    for name in ("plain.yaml", HOSTILE, COMMAND):
        put(folder, name, TEMPLATE)
    put(folder, "own.guard", RULES)
    names = ["plain.yaml", HOSTILE, COMMAND]
    out, code, err = reports(folder, names, "--policies", "own.guard")
    report = json.loads(out["json"])
    assert code == 1 and len(report["findings"]) > 30 and any(f["rule"] == "own_rule" for f in report["findings"])
    check_sarif(folder, out["sarif"], report["findings"])
    check_github(out["github"], report["findings"])
    check_junit(out["junit"], report)
    check_text(out["text"], err)


def crlf_and_marks(folder):
    for name, text in (("crlf.yaml", TEMPLATE.replace("\n", "\r\n").encode()), ("bom.yaml", b"\xef\xbb\xbf" + TEMPLATE.encode())):
        put(folder, name, text)
        out, _, _ = reports(folder, [name])
        check_sarif(folder, out["sarif"], json.loads(out["json"])["findings"])
        check_github(out["github"], json.loads(out["json"])["findings"])


def unreadable(folder):
    put(folder, COMMAND, "Resources: [ # ##[error]\x7f")
    put(folder, "good.yaml", TEMPLATE)
    out, code, err = reports(folder, [COMMAND, "good.yaml", "none\n::error::.yaml"])
    assert code == 2
    run = json.loads(out["sarif"])["runs"][0]
    told = run["invocations"][0]
    assert told["executionSuccessful"] is False and told["exitCode"] == 2
    assert len([n for n in told["toolExecutionNotifications"] if n["level"] == "error"]) == 2
    assert [a["properties"]["verdict"] for a in run["artifacts"]] == ["error", "fail", "error"]
    root = xml.fromstring(out["junit"].encode())
    assert [s.get("errors") for s in root] == ["1", "0", "1"] and root.get("errors") == "2"
    assert all(s.find("testcase/error").text for s in root if s.get("errors") == "1")
    commands = [command(line) for line in out["github"].split("\n")[:-1]]
    assert [c[1]["title"] for c in commands[:3]] == ["sandboxgen error", "sandboxgen", "sandboxgen"]
    check_text(out["text"], err)


def below_the_gate(folder):
    put(folder, "t.yaml", TEMPLATE)
    out, code, _ = reports(folder, ["t.yaml"], "--fail-on", "critical")
    report = json.loads(out["json"])
    assert code == 1
    kinds = {command(line)[1]["title"]: command(line)[0] for line in out["github"].split("\n")[1:-1]}
    assert all((kind == "error") == title.endswith("critical") for title, kind in kinds.items()), kinds
    root = xml.fromstring(out["junit"].encode())
    failing = {c.get("name").split(":")[0] for c in root.iter("testcase") if c.find("failure") is not None}
    assert failing == {"NET002 Function", "NET008 Function"}, failing
    assert len(json.loads(out["sarif"])["runs"][0]["results"]) == len(report["findings"])


def fingerprints(folder):
    """The same where lines and columns move and the file has another name; all different within a file."""
    moved = "# a line\n\n" + TEMPLATE.replace("      Runtime", "\n      # another\n      Runtime").replace("{VpcId:", "{  VpcId:")
    put(folder, "a.yaml", TEMPLATE)
    put(folder, "b.yaml", moved)
    prints = []
    for name in ("a.yaml", "b.yaml"):
        run = json.loads(Run(folder, "audit", "--format", "sarif", name).out)["runs"][0]
        prints.append([(r["ruleId"], r["partialFingerprints"]["sandboxgen/v1"]) for r in run["results"]])
    assert sorted(prints[0]) == sorted(prints[1]), "they moved with the lines"
    assert len(set(prints[0])) == len(prints[0]), "two findings have one fingerprint"
    other = TEMPLATE.replace("IpProtocol", "x").replace("0.0.0.0/0", "8.8.8.8/32")
    put(folder, "c.yaml", other)
    run = json.loads(Run(folder, "audit", "--format", "sarif", "c.yaml").out)["runs"][0]
    route = [r["partialFingerprints"]["sandboxgen/v1"] for r in run["results"] if r["ruleId"] == "NET002"]
    assert route and not set(route) & {p for _, p in prints[0]}, "another route has the same fingerprint"


def everywhere_the_same(folder):
    put(folder, "t.yaml", TEMPLATE)
    for f in ("sarif", "junit", "github"):
        plain = Run(folder, "audit", "--format", f, "t.yaml").out
        for more in ({"LC_ALL": "tr_TR.UTF-8"}, {"TZ": "Asia/Tokyo"}, {"TERM": "xterm", "NO_COLOR": ""}):
            assert Run(folder, "audit", "--format", f, "t.yaml", env=environment(**more)).out == plain, more
        Run(folder, "audit", "--format", f, "-o", "out", "t.yaml")
        with open(os.path.join(folder, "out"), "rb") as stream:
            assert stream.read() == plain, "--output writes something else"


def rules_have_help(folder):
    put(folder, "t.yaml", TEMPLATE)
    run = json.loads(Run(folder, "audit", "--format", "sarif", "t.yaml").out)["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert len(rules) > 40 and [r["id"] for r in rules] == [r["id"] for r in json.loads(
        Run(folder, "audit", "--format", "sarif", "t.yaml", "t.yaml").out)["runs"][0]["tool"]["driver"]["rules"]]
    for rule in rules:
        page = Run(folder, "explain", rule["id"]).out.decode()
        assert rule["help"]["markdown"] in page and rule["help"]["markdown"].startswith("## What it checks")
        assert rule["shortDescription"]["text"] in page and "```" not in rule["fullDescription"]["text"]
        assert " ".join(page.split()).find(rule["fullDescription"]["text"].replace("\\](", "](")) > 0, rule["fullDescription"]
        assert float(rule["properties"]["security-severity"]) > 0


TAP = Tap()
for TEST in (say_the_same, crlf_and_marks, unreadable, below_the_gate, fingerprints, everywhere_the_same, rules_have_help):
    TAP.case("the formats: " + TEST.__name__.replace("_", " "), TEST)
TAP.done()
