"""Acceptance: PyYAML (as SAM CLI uses it), ruamel.yaml and both C libraries read the same values in every YAML file that is
rendered, and in whatever the emitter writes for 10,000 random strings.
"""
import json
import os
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "lib"))
import bench
import tap

TOOLS = pathlib.Path(bench.SANDBOXGEN).parent / "tests" / "tools"
STRINGS = 10_000
# What readers have been known to take for something else, or to fold, cut or refuse.
TRAPS = [
    "", " ", "~", "null", "Null", "y", "N", "yes", "on", "Off", "TRUE", "=", "<<", "-", "?", ":", "#", "|", ">", "!", "&a", "*a", "@", "`", "%",
    "---", "...", "- a", "a: b", "a #b", "a:", ":a", "!Ref X", "!!str x", "0", "-0", "+1", "00", "012", "0o12", "0x1F", "0b11", "1_000",
    "1e3", "1.5e+3", ".5", "1.", ".inf", "-.Inf", ".nan", "1:30", "190:20:30.15", "2012-10-17", "2001-12-14t21:59:43.10-05:00", "012345670123",
    "012345678901", "'", "''", "'''", "a''b", "''''", '"', '\\', "\\n", "a\nb", "\n", "\n\n", "a\n", "\ta", "a\tb", "a\t", "\r", "a\r\nb", "\x85",
    "\u2028", "\u2029", "\ufeff", "a\ufeffb", "\x7f", "\x80", "\x9f", "\xa0", "\x01", "\x1b[31m", "\u200b", "\u202e", "é", "日本語", "\U0001f600",
    "${AWS::StackName}", "${{ github.ref }}", "{a}", "[a]", "{", "]", ",", "a, b", "a]", "x" * 2000, " a", "a ", "  ", "'a'", '"a"',
]
ALPHABETS = [
    [chr(code) for code in range(0x20, 0x7F)],
    list("'\"\\: #-?[]{},&*!|>%@`~=<\n\t\r 01.eyYnN_"),
    [chr(code) for code in range(1, 0x100)],
    [chr(code) for code in (*range(0x20, 0x300), *range(0x2000, 0x2070), 0xFEFF, 0xFFFD, 0xD7FF, 0xE000, 0x1F600, 0x10FFFD)],
    list("0123456789:._+-eExXoObT"),
]


def readings(path):
    """{reader: what it read}, or what it said instead; a map is a list of pairs behind the word "map"."""
    answers = {name: bench.driver("LINT", "read_yaml.py", name, path) for name in ("pyyaml", "ruamel")}
    answers.update({name: bench.run(TOOLS / "yaml-dump", "--reader", name, path) for name in ("libyaml", "fyaml")})
    return {name: loads(result.out) if result.status == 0 else str(result) for name, result in answers.items()}


def loads(text):
    return json.loads(text, object_pairs_hook=lambda pairs: ["map", *map(list, pairs)])


def first_difference(one, other, where=""):
    if not (isinstance(one, list) and isinstance(other, list)):
        return "" if type(one) is type(other) and one == other else f"{where}: {one!r} and {other!r}"
    if len(one) != len(other):
        return f"{where}: {len(one)} and {len(other)} items"
    for index, (left, right) in enumerate(zip(one, other)):
        found = first_difference(left, right, f"{where}/{left[0] if where and isinstance(left, list) and left else index}")
        if found:
            return found
    return ""


def check_same(name, read, expected=None):
    if expected is None:
        expected = read["pyyaml"]
    for reader, value in read.items():
        tap.ok(not isinstance(value, str) and not first_difference(expected, value),
               f"{name}: {reader} reads the values", value if isinstance(value, str) else first_difference(expected, value))


def rendered_files():
    for name, place in bench.rendered_sets():
        paths = sorted(path for pattern in ("*.yaml", "*.yml", ".github/workflows/*.yml") for path in place.glob(pattern))
        tap.ok(any(path.name == "template.yaml" for path in paths), f"{name}: there is a template")
        for path in paths:
            check_same(f"{name}: {path.name}", readings(path))


def a_trap_is_seen():
    """The comparison itself: these are read differently, and must be found to be."""
    path = bench.scratch() / "trap.yaml"
    path.write_text("a: on\nb: 012\n")
    read = readings(path)
    tap.ok(first_difference(read["pyyaml"], read["ruamel"]), "a file that readers disagree on is noticed", read)


def random_strings(seed):
    chance = random.Random(seed)
    strings = dict.fromkeys(TRAPS)
    while len(strings) < STRINGS:
        alphabet = chance.choice(ALPHABETS)
        strings["".join(chance.choice(alphabet) for _ in range(chance.choice((1, 2, 3, 5, 8, 13, 40))))] = None
    return list(strings)


def emitted_strings():
    seed = int(os.environ.get("SEED") or 7)
    tap.note(f"SEED={seed}")
    strings = random_strings(seed)
    given = "".join(text + "\0" for text in strings)
    place = bench.scratch()
    spelt = None
    for how in ((), ("--tree",)):
        written = bench.run(TOOLS / "emit-strings", *how, text_in=given)
        name = " ".join(("emit-strings", *how))
        if tap.ok(written.status == 0, f"{name} spells {len(strings)} strings", written.err[-500:]):
            path = place / "list.yaml"
            path.write_text(written.out, newline="")
            check_same(name, readings(path), strings)
            spelt = written.out if not how else spelt
    # As keys: short ones, as YAML wants them.
    lines = (spelt or "").splitlines()
    tap.same(len(lines), len(strings), "each spelling is one line")
    keys = [(text, line.removeprefix("- ")) for text, line in zip(strings, lines) if len(text) <= 128]
    path = place / "map.yaml"
    path.write_text("".join(f"{line}: {index}\n" for index, (_, line) in enumerate(keys)), newline="")
    check_same(f"{len(keys)} of them as keys", readings(path), ["map", *([text, index] for index, (text, _) in enumerate(keys))])


tap.main(rendered_files, a_trap_is_seen, emitted_strings)
