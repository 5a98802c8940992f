"""SANDBOX.md says which line of the template guarantees what: each line that it names is there, says what is quoted, and
is needed: without it (and what is indented below it), or with a larger limit, the audit does not pass the rule any more.
Speaks TAP.
"""
import json
import os
import re
import shutil
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import golden  # noqa: E402

CASES = os.path.join(golden.SOURCE, "render")
LINE = re.compile(r"\[line (\d+)\]\(([\w.]+)#L(\d+)\) `(\w+)`(?: `([^`]*)`)?")


def rows(page):
    """rule → (what is said, [(line, file, resource, text)])"""
    found = {}
    for line in page.split("\n"):
        cells = [c.strip() for c in line.split(" | ")]
        if re.match(r"\| [A-Z]{3}\d{3} ", line):
            assert len(cells) == 3, line
            found[cells[0][2:]] = (cells[2], LINE.findall(cells[2]))
    return found


def rendered(folder, case):
    for name in ("sandbox.yaml", "requirements.lock"):
        data = golden.read(os.path.join(CASES, case, name))
        if data is not None:
            golden.write(os.path.join(folder, name), data)
    run = golden.Run(folder, "render")
    assert run.code == 0, run.err.decode()
    return sorted(n for n in os.listdir(folder) if re.fullmatch(r"SANDBOX(\.\w+)?\.md", n))


def text_of(folder, name):
    return golden.read(os.path.join(folder, name)).decode()


def audit(folder, template, environment):
    """rule → verdict; None where the template is refused"""
    where = ["--config-env", environment] if environment else []
    run = golden.Run(folder, "audit", "--no-inline", "--format", "json", "--spec", "sandbox.yaml", *where, "--", template)
    return None if run.code == 2 else {j["rule"]: j["verdict"] for j in json.loads(run.out)["judged"]}


def without(text, number):
    """The template without the node that begins at a line: the line, and what is indented further below it.  Of a limit the
    default would do, too: there the value becomes larger."""
    lines = text.split("\n")
    first = lines[number - 1]
    limit = re.fullmatch(r" *(MemorySize|Timeout|Size): \d+", first)
    if limit:
        lines[number - 1] = first.rsplit(" ", 1)[0] + " 20000"
        return "\n".join(lines)
    depth = len(first) - len(first.lstrip(" "))
    end = number
    while end < len(lines) and (not lines[end].strip() or len(lines[end]) - len(lines[end].lstrip(" ")) > depth):
        end += 1
    return "\n".join(lines[:number - 1] + lines[end:])


def fits(folder, case):
    pages = rendered(folder, case)
    assert pages
    for page in pages:
        text = text_of(folder, page)
        template = page.replace("SANDBOX", "template").replace(".md", ".yaml")
        lines = text_of(folder, template).split("\n")
        environment = page.split(".")[1] if page.count(".") == 2 else None
        verdicts = audit(folder, template, environment)
        said = rows(text)
        passed = {r for r, v in verdicts.items() if v == "pass"}
        assert set(said) == passed, (page, set(said) ^ passed)
        for rule, verdict in verdicts.items():
            assert verdict == "pass" or "- %s, %s: " % (rule, verdict) in text, (page, rule)
        named = 0
        for rule, (words, places) in said.items():
            assert words.rstrip(" |"), rule
            for number, file, again, resource, quoted in places:
                named += 1
                assert number == again and file == template, (rule, number, file)
                line = lines[int(number) - 1]
                assert (quoted or resource + ":") in line, (rule, number, line)
                above = [l for l in lines[:int(number)] if re.match(r"  \w", l)]
                assert above[-1] == "  %s:" % resource, (rule, number, above[-1])
        assert named >= 25, named
        graph = golden.Run(folder, "graph", template)
        assert graph.code == 0 and "```mermaid\n%s```\n" % graph.out.decode() in text, page


def needed(folder, case):
    for page in rendered(folder, case):
        template = page.replace("SANDBOX", "template").replace(".md", ".yaml")
        environment = page.split(".")[1] if page.count(".") == 2 else None
        text = text_of(folder, template)
        idle = []
        for rule, (_, places) in rows(text_of(folder, page)).items():
            for number in {p[0] for p in places}:
                golden.write(os.path.join(folder, "less.yaml"), without(text, int(number)).encode())
                verdicts = audit(folder, "less.yaml", environment)
                if verdicts and verdicts.get(rule) == "pass":
                    idle.append("%s rests on line %s of %s: %s" % (rule, number, template, text.split("\n")[int(number) - 1]))
        assert not idle, "\n".join(idle)


def absent(folder, case):
    """What the page says is not in the template is not."""
    for page in rendered(folder, case):
        text = text_of(folder, page.replace("SANDBOX", "template").replace(".md", ".yaml"))
        kinds = {k for words, _ in rows(text_of(folder, page)).values() for clause in words.split("<br>")
                 for k in re.findall(r"no `(AWS::\w+::\w+)`", clause) if "beside what" not in clause}
        assert len(kinds) >= 4, kinds
        for kind in kinds:
            assert "Type: %s\n" % kind not in text, kind


def main():
    number = failed = 0
    for case in sorted(os.listdir(CASES)):
        for check in (fits, needed, absent):
            number += 1
            try:
                with golden.tempfile.TemporaryDirectory() as folder:
                    check(folder, case)
                print("ok %d - %s: %s" % (number, case, check.__name__))
            except AssertionError as e:
                failed += 1
                print("not ok %d - %s: %s" % (number, case, check.__name__))
                print("\n".join("# " + line for line in str(e).split("\n")))
    print("1..%d" % number)
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
