"""The JSON reader takes what Python's json module takes, and reads the same values: documents made and damaged at random,
from a fixed seed (SEED=N for another), through `payload --input`.

Where the two are meant to differ: Python takes NaN, infinities and halves of surrogate pairs."""
import json
import os
import random
import subprocess
import sys
import tempfile

top = os.environ.get("top_srcdir", os.path.dirname(os.path.abspath(__file__)) + "/../..")
program = os.path.abspath(os.environ.get("top_builddir", top) + "/sandboxgen")
seed = int(os.environ.get("SEED", "1"))
ROUNDS = 400
pick = random.Random(seed)
SCALARS = [0, -1, 1.5, 1e300, "a", "\u00e9", "\U0001f600", "\\", '"', "/", "\b\n", True, False, None, "\0",
           12345678901234567890, -0.0, "\u2028", ""]
DAMAGE = b'"\\{}[],:0123456789eE+-.truefalsn \t\n\r\v\f\0\x1f\x7f\x80\xc3\xa9\xed\xa0\xf0u/dD'


def value(depth=0):
    kind = pick.random()
    if depth > 4 or kind < 0.5:
        return pick.choice(SCALARS)
    if kind < 0.75:
        return [value(depth + 1) for _ in range(pick.randrange(4))]
    return {pick.choice("abc\u00e9") + str(i): value(depth + 1) for i in range(pick.randrange(4))}


def damaged(text):
    for _ in range(pick.choice([0, 0, 1, 1, 2, 3])):
        at = pick.randrange(len(text) + 1)
        how = pick.randrange(4)
        if how == 0:
            del text[at:at + 1]
        elif how == 1:
            text[at:at + 1] = bytes([pick.choice(DAMAGE)])
        elif how == 2:
            text.insert(at, pick.choice(DAMAGE))
        else:
            text[at:at] = text[at:at + pick.randrange(1, 6)]
    return bytes(text)


def refuse(word):
    raise ValueError(word)


def by_python(text):
    """(True, value), or (False, None) where it is not JSON."""
    try:
        read = json.loads(text.decode("utf-8").removeprefix("\ufeff"), parse_constant=refuse)
        json.dumps(read, ensure_ascii=False).encode("utf-8")
        return True, read
    except ValueError:  # UnicodeError is one
        return False, None


def by_us(text, folder):
    with open(folder + "/input.json", "wb") as file:
        file.write(text)
    done = subprocess.run([program, "payload", folder + "/empty.py", "--input", "@" + folder + "/input.json"],
                          capture_output=True, check=False)
    if done.returncode not in (0, 2):
        return done.returncode, done.stderr
    return done.returncode == 0, json.loads(done.stdout)["input"] if done.returncode == 0 else None


different = taken = 0
with tempfile.TemporaryDirectory() as folder:
    open(folder + "/empty.py", "w", encoding="utf-8").close()
    for _ in range(ROUNDS):
        document = json.dumps(value(), ensure_ascii=pick.random() < 0.5).encode()
        text = damaged(bytearray(document))
        expected, got = by_python(text), by_us(text, folder)
        taken += expected[0]
        if expected != got:
            different += 1
            print("#", text, "Python:", expected, "sandboxgen:", got)
print("not ok" if different else "ok", f"1 - {ROUNDS} documents are read as Python reads them (seed {seed})")
print("ok" if ROUNDS / 10 < taken < ROUNDS * 9 / 10 else "not ok", "2 - of which neither all nor none are JSON")
print("1..2")
sys.exit(1 if different else 0)
