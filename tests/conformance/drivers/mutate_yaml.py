"""Small YAML documents, changed at random, read by PyYAML and by our reader:  mutate_yaml.py YAML-DUMP READER SEED COUNT DIR

Prints one JSON object: how many documents were read the same, refused by both, or refused by us alone, and a list of those
where we read something that PyYAML refuses or reads otherwise.  Dates stay strings and merge keys stay keys, as in yaml-dump.
"""
import json
import math
import os
import random
import subprocess
import sys

import yaml

DOCUMENTS = [
    "a: b\n", "a:\n  - b\n  - c: d\n    e: f\n", "a: |\n  x\n  y\nb: >-\n  q\n\n  w\n", "{a: 1, b: [x, y, {z: 'w'}]}\n",
    "a: 'it''s'\nb: \"x\\ny\\u00e9\"\nc: 'it''''s'\n", "a: &x {k: 1}\nb: *x\nc:\n  <<: *x\n", "? a\n: b\n? c\n", "- - a\n  - b\n-\n  - c\n",
    "a: !Ref X\nb: !Sub [\"${x}\", {x: 1}]\nc: !GetAtt a.b\n", "%YAML 1.1\n---\na: yes\n...\n", "a: # c\n  b: c # d\n# e\n",
    "a: x y\n  z w\n\n  v\nb: \"q\n  r\\\n  s\"\n", "a: 'x\n\n  y'\n", "a: [http://x/y=1, b:c, -d]\n", "a: !!str 012\nb: !!int \"12\"\nc: ! x\n",
    "a: x:y\nb: a#b\nc: -1\nd: -\n", "\"a\": 1\n'b' : 2\n{c: d}: e\n", "a: |2\n   x\n  y\nb: |+\n  z\n\n\nc: 1\n", "a:\n- b\n- c\nd: e\n",
    "Fn::Base64:\n  !Sub |\n    echo ${x}\n    a: b\n", "a: !<tag:x> b\nc: &d !Ref e\nf: !Ref &g h\n", "a: 012\nb: 1:30\nc: 1_000.5\nd: on\n",
]
PIECES = list("ab1 \n\t:-?,[]{}#&*!|>'\"%@`\\~<=+._") + [
    ": ", "- ", "\n  ", "\n", "  ", "# ", "? ", "''", "\u00e9", "\u2028", "\x85", "\U0001f600", "\r\n", "\r", "!!", "&a ", "*a", "<<: ", "!x ",
    "---\n", "...\n", "\ufeff", "|-\n", ">\n", ", ", "x?y", "\t", "\xa0", "0x1F", "null", "!!float 1",
]


class Refused(Exception):
    pass


def changed(chance, text):
    for _ in range(chance.choice((0, 1, 1, 1, 2, 2, 3, 5))):
        at, kind = chance.randint(0, len(text)), chance.random()
        if kind < 0.5:
            text = text[:at] + chance.choice(PIECES) + text[at:]
        elif kind < 0.7:
            text = text[:at] + text[at + chance.randint(1, 3):]
        elif kind < 0.85:
            text = text[:at] + chance.choice(PIECES) + text[at + 1:]
        else:
            start = chance.randint(0, len(text))
            text = text[:at] + text[start:start + chance.randint(0, 8)] + text[at:]
    return text


class Loader(yaml.SafeLoader):
    pass


Loader.add_constructor("tag:yaml.org,2002:timestamp", lambda self, node: node.value)
UNKNOWN = {"binary", "omap", "pairs", "set"}  # PyYAML knows them, CloudFormation does not


def bad(text):
    return ["map", ["$bad", text]]


def scalar(loader, node):
    if node.tag.startswith("!"):
        return node.value
    constructor = Loader.yaml_constructors.get(node.tag)
    if constructor is None or node.tag.rpartition(":")[2] in UNKNOWN:
        return bad(node.value)
    try:
        value = constructor(loader, node)
    except (yaml.YAMLError, ValueError, KeyError, IndexError, AttributeError):
        return bad(node.value)
    if not isinstance(value, (str, int, float, type(None))):
        return bad(node.value)
    if isinstance(value, float) and not math.isfinite(value):
        return ["map", ["$float", str(value)]]
    return value


def key(loader, node):
    if not isinstance(node, yaml.ScalarNode) or (node.tag.startswith("!") and node.tag != "!"):
        raise Refused("a key that is no scalar")
    value = scalar(loader, node)
    if isinstance(value, list):
        return node.value
    return value if isinstance(value, str) else json.dumps(value)


def plain(loader, node):
    """The node in the form in which loads() gives what yaml-dump prints."""
    if isinstance(node, yaml.ScalarNode):
        value, own = scalar(loader, node), True
    elif isinstance(node, yaml.SequenceNode):
        value, own = [plain(loader, item) for item in node.value], node.tag == "tag:yaml.org,2002:seq"
    else:
        value = ["map", *([key(loader, name), plain(loader, item)] for name, item in node.value)]
        own = node.tag == "tag:yaml.org,2002:map"
    if node.tag.startswith("!"):
        return ["map", [node.tag, value]]
    return value if own else bad(node.tag)


def by_pyyaml(data):
    try:
        loader = Loader(data.decode("utf-8-sig"))
        try:
            node = loader.get_single_node()
            if node is None:
                raise Refused("empty")
            return "read", plain(loader, node)
        finally:
            loader.dispose()
    except (yaml.YAMLError, Refused, RecursionError, ValueError) as problem:
        return "refused", str(problem)


def loads(text):
    return json.loads(text, object_pairs_hook=lambda pairs: ["map", *map(list, pairs)])


def by_us(dump, reader, paths):
    done = subprocess.run([dump, "--reader", reader, *paths], capture_output=True, text=True, encoding="utf-8")
    lines = done.stdout.split("\n")[:-1]
    if done.returncode not in (0, 1) or len(lines) != len(paths):
        raise SystemExit(f"yaml-dump: exit {done.returncode} after {len(lines)} of {len(paths)} files: {done.stderr}")
    return [("refused", line) if line.startswith("error: ") else ("read", loads(line)) for line in lines]


def same(theirs, ours):
    """Equal, type by type; where a tag says !!int or !!float we are stricter than Python's int() and float()."""
    if isinstance(theirs, (int, float)) and isinstance(ours, list) and ours[:1] == ["map"] and ours[1][0] == "$bad":
        return True
    if type(theirs) is not type(ours):
        return False
    if isinstance(theirs, list):
        return len(theirs) == len(ours) and all(map(same, theirs, ours))
    return theirs == ours


def main(dump, reader, seed, count, folder):
    chance = random.Random(int(seed))
    counts, wrong = {"same": 0, "both refuse": 0, "we refuse": 0}, []
    for start in range(0, int(count), 500):
        texts, paths = [], []
        for index in range(start, min(start + 500, int(count))):
            text = chance.choice(DOCUMENTS) + (chance.choice(DOCUMENTS) if chance.random() < 0.3 else "")
            texts.append(changed(chance, text).encode("utf-8", "surrogatepass"))
            paths.append(os.path.join(folder, f"{index}.yaml"))
            with open(paths[-1], "wb") as stream:
                stream.write(texts[-1])
        for data, (our_answer, ours) in zip(texts, by_us(dump, reader, paths)):
            their_answer, theirs = by_pyyaml(data)
            if our_answer == "refused":
                counts["both refuse" if their_answer == "refused" else "we refuse"] += 1
            elif their_answer == "read" and same(theirs, ours):
                counts["same"] += 1
            else:
                wrong.append({"text": data.decode(), "pyyaml": theirs, "ours": ours})
    print(json.dumps({"counts": counts, "wrong": len(wrong), "first": wrong[:10]}))


main(*sys.argv[1:])
