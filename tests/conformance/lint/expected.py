"""What cfn-lint finds about reading and intrinsics in its fixtures, as the rows of bad.tsv and good.tsv:

    PYTHON-WITH-CFN-LINT tests/conformance/lint/expected.py CORPORA/cfn-lint

A row is FILE, RULE, the lines from the key of what it is about to the end of its value, and the message.
"""
import json
import pathlib
import re
import subprocess
import sys

import yaml

HERE = pathlib.Path(__file__).resolve().parent
# Reading (E00), the template's form (E100), functions (E101 to E104), outputs', mappings' and conditions' form.  Not E0002, which is
# cfn-lint's own exception, and not E115, the formats of ids.
RULES = re.compile(r"E(0000|0001|10|6101|7001|8)")


def extent(path, text, line):
    """The lines of the value that a path leads to."""
    try:
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
        first = line
        for part in path:
            if isinstance(node, yaml.MappingNode):
                key, node = next((k, v) for k, v in node.value if k.value == str(part))
                first = key.start_mark.line + 1
            elif isinstance(node, yaml.SequenceNode):
                node = node.value[part]
                first = node.start_mark.line + 1
            else:
                break
        end = node.end_mark
        return min(first, line), max(line, end.line + (1 if end.column else 0))
    except Exception:  # it cannot be read at all, or the path is about what cfn-lint made of it
        return line, line


def rows(top, kind):
    files = sorted(p for p in (top / "test/fixtures/templates" / kind).rglob("*") if p.suffix in (".yaml", ".yml", ".json", ".template"))
    program = pathlib.Path(sys.executable).parent / "cfn-lint"
    result = subprocess.run([program, "--format", "json", "--", *files], capture_output=True, text=True, check=False, timeout=900)
    for match in json.loads(result.stdout):
        rule, path = match["Rule"]["Id"], pathlib.Path(match["Filename"])
        if not RULES.match(rule):
            continue
        line = match["Location"]["Start"]["LineNumber"]
        first, last = extent(match["Location"].get("Path") or [], path.read_text(), line)
        yield str(path.relative_to(top / "test/fixtures/templates")), rule, str(first), str(last), " ".join(match["Message"].split())[:120]


if __name__ == "__main__":
    for kind in ("bad", "good"):
        lines = sorted({"\t".join(row) for row in rows(pathlib.Path(sys.argv[1]).resolve(), kind)})
        (HERE / f"{kind}.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
