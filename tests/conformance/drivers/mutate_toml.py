"""Whether our TOML reader sees what tomlkit sees, which sam-cli reads samconfig.toml with:  mutate_toml.py DUMP SEED COUNT SCRATCH

Documents are changed at random; each is read by both.  Prints {"counts": {…}, "wrong": n, "first": […]} as JSON.
"""
import collections
import datetime
import json
import pathlib
import random
import subprocess
import sys

import tomlkit

SEEDS = [
    'version = 0.1\n\n# comment\n[default.deploy.parameters]\nstack_name = "app"\nparameter_overrides = "Env=\\"prod\\" Size=\'1 2\'"\n',
    'version = 0.1\n[default]\n[default.global.parameters]\nparameter_overrides = [\n  "A=1", # one\n  {B = "2", C.d = 3},\n]\n[prod.deploy.parameters]\n',
    'a.b.c = 1\na.b.d = [1, [2, 3], []]\n[[l]]\nx = 1_000\n[[l]]\n[l.t]\ny = 0x1f\nz = 0o17\nw = 0b101\n',
    'f = 1.5\ng = -1e-7\nh = 1_0.0_1e+1_0\ni = inf\nj = -nan\nk = true\nl = +0\n',
    'd = 1979-05-27\ne = 1979-05-27T07:32:00Z\nf = 1979-05-27 00:32:00.999-07:00\ng = 07:32:00.5\n',
    's = "a\\tb\\u00e9\\\\"\nt = \'C:\\x\'\nu = """\nline\n two \\\n   three"""\nv = \'\'\'\nx\'\'y\'\'\'\n"q.r" = 1\n\'s t\' = {}\n',
]
PIECES = ["\n", " ", "=", ".", '"', "'", '"""', "'''", "[", "]", "[[", "]]", "{", "}", ",", "#", "\\", "\\n", "\\u0041", "\\", "a", "b", "0", "1", "_",
          "-", "+", "e", "x", ":", "T", "Z", "true", "false", "inf", "nan", "\t", "a = 1\n", "[a]\n", "[[a]]\n", "[a.b]\n", "a.b = 2\n", "\r\n", "é"]


def changed(rng):
    text = rng.choice(SEEDS)
    if rng.random() < 0.2:
        other = rng.choice(SEEDS)
        text = text[:rng.randrange(len(text))] + other[rng.randrange(len(other)):]
    for _ in range(rng.choice((0, 1, 1, 1, 2, 3))):
        at = rng.randrange(len(text) + 1)
        cut = rng.choice((0, 0, 0, 1, 1, 2))
        text = text[:at] + (rng.choice(PIECES) if rng.random() < 0.8 else "") + text[at + cut:]
    return text


def spell(value):
    if isinstance(value, dict):
        return {str(key): spell(member) for key, member in value.items()}
    if isinstance(value, list):
        return [spell(member) for member in value]
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return ["int", str(int(value))]
    if isinstance(value, float):
        return ["float", value.hex()]
    if isinstance(value, (datetime.date, datetime.time)):
        return str(value)
    return str(value)


def by_tomlkit(text):
    try:
        return spell(tomlkit.loads(text).unwrap())
    except Exception:  # tomlkit raises many things for what is not TOML
        return "error"


def normal(value):
    """C's %a and Python's hex() spell one number differently."""
    if isinstance(value, dict):
        return {key: normal(member) for key, member in value.items()}
    if isinstance(value, list) and len(value) == 2 and value[0] == "float" and isinstance(value[1], str):
        return ["float", repr(float.fromhex(value[1]))]
    return [normal(member) for member in value] if isinstance(value, list) else value


def main(dump, seed, count, scratch):
    rng = random.Random(int(seed))
    counts, first = collections.Counter(), []
    folder = pathlib.Path(scratch)
    for start in range(0, int(count), 500):
        texts = [changed(rng) for _ in range(min(500, int(count) - start))]
        files = []
        for index, text in enumerate(texts):
            files.append(folder / f"{index}.toml")
            files[-1].write_bytes(text.encode())
        lines = subprocess.run([dump, *files], capture_output=True, text=True, check=True, timeout=300).stdout.split("\n")
        for text, line in zip(texts, lines):
            ours, theirs = normal(json.loads(line)), normal(by_tomlkit(text.replace("\r\n", "\n")))
            kind = "same" if ours == theirs else "we refuse" if ours == "error" else "tomlkit refuses" if theirs == "error" else "differ"
            counts[kind if ours != "error" or theirs != "error" else "both refuse"] += 1
            if kind != "same":
                first.append([kind, text, ours, theirs])
    wrong = [case for case in first if case[0] == "differ"]
    json.dump({"counts": counts, "wrong": len(wrong), "first": (wrong or first)[:20]}, sys.stdout)


main(*sys.argv[1:])
