"""The samconfig that a deployment uses is read as sam-cli reads it: TOML as tomlkit does, and of 600 random samconfigs, TOML and
YAML, the same parameter values.
"""
import json
import os
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "lib"))
import bench
import tap

DUMP = pathlib.Path(bench.SANDBOXGEN).parent / "tests" / "tools" / "toml-dump"
DOCUMENTS, CONFIGS = 6000, 600
NAMES = "ABCDE"
# As they stand in "K=V …": quoted, escaped, broken.
WORDS = ["x", "1", "a b", '"q r"', "'s t'", "a\\ b", 'a\\"b', '"a\\"b"', "'it\\'s'", "=", "a=b", "a,b", '""', "''", "x\"y\"", "'open", '"open', "\\", "é",
         "${X}", "#", "ParameterKey", "a\tb", "\\\\", "'a'b"]
SCALARS = ["x", "a b", "", '"q"', "'q'", "a\\ b", "file", "012", "on", "yes", "1:30", "2024-01-01", "~", "a: b", "# c", "é", " x "]
PLAIN_YAML = ["1", "1.10", "0.1", "1e3", "1.5e-7", "1e22", "-0", "-0.0", "012", "0x1f", "0o17", "true", "False", "null", "~", "yes", "on", ".inf", "-.inf",
              "x", "2024-01-01", "12345678901234567890", "+7"]
PLAIN_TOML = ["1", "1.10", "0.1", "1e3", "1.5e-7", "1e22", "-0", "-0.0", "0x1f", "0o17", "1_000", "true", "false", "inf", "-inf", "2024-01-01",
              "2024-01-01T07:30:00Z", "07:30:00.5", "12345678901234567890", "+7"]


class Writer:
    """Values as TOML or YAML (flow style, which has both of its quotes)."""

    def __init__(self, rng, toml):
        self.rng, self.toml = rng, toml

    def string(self, text):
        if "'" not in text and "\t" not in text and self.rng.random() < 0.5:
            return f"'{text}'"
        return json.dumps(text)

    def scalar(self):
        if self.rng.random() < 0.4:
            return self.rng.choice(PLAIN_TOML if self.toml else PLAIN_YAML)
        return self.string(self.rng.choice(SCALARS))

    def words(self):
        rng, parts = self.rng, []
        for _ in range(rng.randrange(1, 4)):
            key, value = rng.choice(NAMES), rng.choice(WORDS)
            parts.append(rng.choice((f"{key}={value}",) * 3 + (f"ParameterKey={key},ParameterValue={value}", f"'{key}'={value}", value)))
        return self.string(rng.choice((" ", " ", "  ", "\n", ",")).join(parts))

    def mapping(self):
        members = {}
        for name in self.rng.sample(NAMES, self.rng.randrange(1, 4)):
            kind = self.rng.random()
            members[name] = self.scalar() if kind < 0.7 else "[" + ", ".join(self.scalar() for _ in range(self.rng.randrange(4))) + "]"
        if self.rng.random() < 0.1:
            members['"$include"'] = self.string(self.rng.choice(("file://more.toml", "file://more.yaml", "D=4", "file://none.toml")))
        sign = " = " if self.toml else ": "
        return "{" + ", ".join(name + sign + value for name, value in members.items()) + "}"

    def value(self, depth=0):
        kind = self.rng.random()
        if kind < 0.35:
            return self.words()
        if kind < 0.65 or depth > 2:
            return self.mapping()
        if kind < 0.95:
            return "[" + ", ".join(self.value(depth + 1) for _ in range(self.rng.randrange(1, 4))) + "]"
        return self.rng.choice((self.string(""), self.string("file://more.toml"), self.string("file://loop.toml"), self.scalar()))

    def config(self):
        rng, lines = self.rng, [] if self.rng.random() < 0.05 else ["version = 0.1" if self.toml else "version: 0.1"]
        environments = rng.sample(["default", "prod"], rng.randrange(1, 3))
        for environment in environments:
            lines += [] if self.toml else [f"{environment}:"]
            for command in rng.sample(["global", "deploy", "build"], rng.randrange(1, 4)):
                lines += [f"[{environment}.{command}.parameters]"] if self.toml else [f"  {command}:", "    parameters:", "      x: 1"]
                if rng.random() < 0.8:
                    lines.append(f"parameter_overrides = {self.value()}" if self.toml else f"      parameter_overrides: {self.value()}")
        return "\n".join(lines) + "\n"


def tomlkit_reads_the_same():
    seed = os.environ.get("SEED") or "7"
    result = bench.driver("SAM", "mutate_toml.py", DUMP, seed, DOCUMENTS, bench.scratch(), timeout=600)
    if tap.ok(result.status == 0, f"{DOCUMENTS} TOML documents changed at random", result):
        found = result.json()
        tap.note(found["counts"])
        tap.ok(found["wrong"] == 0, "what we read, tomlkit reads the same", found["first"])
        tap.ok(found["counts"].get("tomlkit refuses", 0) == 0, "we read nothing that tomlkit refuses", found["first"])
        tap.ok(found["counts"].get("we refuse", 0) <= DOCUMENTS // 200, "we hardly refuse what tomlkit reads", found["first"])
        tap.ok(found["counts"]["same"] > DOCUMENTS // 5, "enough of them are TOML at all", found["counts"])


def ours(path, folder):
    result = bench.run(bench.SANDBOXGEN, "expand", "--format", "json", "--resolve", "--config-file", path.name, "--config-env", "prod", "template.yaml",
                       cwd=folder)
    if result.status != 0:
        return None
    outputs = result.json()["Outputs"]
    return {name: outputs[name]["Value"] for name in NAMES if isinstance(outputs[name]["Value"], str)}


def the_same_parameters():
    seed = int(os.environ.get("SEED") or "7")
    tap.note(f"SEED={seed}")
    rng, folder = random.Random(seed), bench.scratch()
    parameters = "".join(f"  {name}: {{Type: String}}\n" for name in NAMES)  # what is not passed stays a Ref
    outputs = "".join(f"  {name}: {{Value: !Ref {name}}}\n" for name in NAMES)
    (folder / "template.yaml").write_text(f"Parameters:\n{parameters}Resources:\n  T: {{Type: AWS::SNS::Topic}}\nOutputs:\n{outputs}")
    (folder / "more.toml").write_text('A = "from file"\nB = [1, "two", ""]\n"$include" = "file://more.yaml"\n')
    (folder / "more.yaml").write_text("- C: '\"quoted\"'\n- 'D=\"d d\"'\n-\n- [E=1]\n")
    (folder / "loop.toml").write_text('"$include" = ["file://loop.toml"]\n')
    paths = [folder / f"{index}.{'toml' if index % 2 else 'yaml'}" for index in range(CONFIGS)]
    for index, path in enumerate(paths):
        path.write_text(Writer(rng, index % 2 == 1).config())
    result = bench.driver("SAM", "sam_overrides.py", "prod", *paths, cwd=folder, timeout=300)
    if not tap.ok(result.status == 0, "sam-cli reads them", result):
        return
    pairs = [(path, ours(path, folder), theirs) for path, theirs in zip(paths, result.json()) if theirs != "slow"]
    differ = [(path.read_text(), mine, theirs) for path, mine, theirs in pairs
              if theirs is None and mine is not None or None not in (mine, theirs) and
              mine != {name: value for name, value in theirs.items() if name in NAMES}]
    stricter = [(path.read_text(), theirs) for path, mine, theirs in pairs if mine is None and theirs is not None]
    tap.note(f"{len(pairs)} samconfigs: {sum(theirs is None for *_, theirs in pairs)} that sam-cli refuses, {len(stricter)} that only we refuse")
    tap.ok(not differ, "the same values, or refused by both", differ[:5])
    tap.ok(len(stricter) <= CONFIGS // 50, "hardly any that only we refuse", stricter[:5])
    tap.ok(sum(bool(theirs) for *_, theirs in pairs) > CONFIGS // 4, "enough of them say something")


tap.main(tomlkit_reads_the_same, the_same_parameters)
