"""The contract of request and answer: what each kind of script gets back.  Table-driven: a script, what is expected."""
import json
import sys

sys.path.insert(0, __file__.rsplit("/", 1)[0])
from harness import Bootstrap, Tap  # noqa: E402

SEED = '''# my_script.py
import platform
print(f"Hello from a secure, isolated sandbox!")
print(f"Running on Python version: {platform.python_version()}")
'''

# (name, script, result, source) of scripts that succeed
VALUES = [
    ("assigned", "result = {'a': [1, 2.5, None, True, 'é']}", {"a": [1, 2.5, None, True, "é"]}, "result"),
    ("assigned None", "result = None", None, "result"),
    ("result before main", "result = 1\ndef main(x): return 2", 1, "result"),
    ("main", "def main(data): return data['n'] + 1", 42, "main"),
    ("main without arguments", "def main(): return 7", 7, "main"),
    ("main by keyword", "def main(n, s): return s * n", "x" * 41, "main"),
    ("main with a default", "def main(data, extra=5): return extra", 5, "main"),
    ("handler(event, context)", "def handler(event, context): return [event['n'], context]", [41, None], "main"),
    ("main that the script calls itself", "n = 0\ndef main():\n    global n\n    n += 1\n    print(n)\nmain()", "1", "stdout"),
    ("the usual guard", "def main():\n    print('once')\nif __name__ == '__main__':\n    main()", "once", "stdout"),
    ("last expression", "x = 20\nx + 1", 21, "expr"),
    ("last expression is None", "print('p')\nNone", "p", "stdout"),
    ("printed", "print('a')\nprint('b')", "a\nb", "stdout"),
    ("printed without a newline", "import sys\nsys.stdout.write('a')\nNone", "a", "stdout"),
    ("printed empty lines stay", "print('a\\n')", "a\n", "stdout"),
    ("os.write", "import os\nos.write(1, b'raw\\n')\nNone", "raw", "stdout"),
    ("nothing", "", None, "none"),
    ("a comment", "# nothing", None, "none"),
    ("input_data", "result = input_data", {"n": 41, "s": "x"}, "result"),
    ("_item", "result = _item['n']", 41, "result"),
    ("_items is not there", "result = '_items' in globals()", False, "result"),
    ("sys.exit() is success", "import sys\nresult = 5\nsys.exit()", 5, "result"),
    ("sys.exit(0) is success", "import sys\nprint('x')\nsys.exit(0)", "x", "stdout"),
    ("big integers keep their digits", "result = 10 ** 5000 // 3", 10 ** 5000 // 3, "result"),
    ("tuple", "result = (1, (2, 3))", [1, [2, 3]], "result"),
    ("keys that are no strings", "result = {1: 'a', None: 'b', True: 'c'}", {"1": "c", "null": "b"}, "result"),
    ("a date", "import datetime\nresult = datetime.datetime(2026, 1, 2, 3, 4, 5)", "2026-01-02T03:04:05", "result"),
    ("Decimal", "import decimal\nresult = decimal.Decimal('1.10')", "1.10", "result"),
    ("UUID", "import uuid\nresult = uuid.UUID(int=1)", "00000000-0000-0000-0000-000000000001", "result"),
    ("a set", "result = {3, 1, 2}", [1, 2, 3], "result"),
    ("bytes are base64", "result = b'\\x00\\xff'", "AP8=", "result"),
    ("lone surrogates become U+FFFD", "result = 'a\\ud800b\\ud83d\\ude00'", "a\ufffdb\U0001f600", "result"),
    ("NUL in a result", "result = 'a\\0b'", "a\0b", "result"),
    ("depth 100", "result = []\nfor i in range(99): result = [result]", json.loads("[" * 100 + "]" * 100), "result"),
    ("-0.0", "result = -0.0", -0.0, "result"),
    ("CRLF", "x = 1\r\nresult = x + 1\r\n", 2, "result"),
    ("a byte order mark", "\ufeffresult = 1", 1, "result"),
    ("tabs", "if True:\n\tresult = 3", 3, "result"),
    ("future import stays first", "'''doc'''\nfrom __future__ import annotations\ndef f(x: Unknown): return 1\nf(0)", 1, "expr"),
    ("standard library", "import statistics, re, json, math, csv, decimal\nresult = statistics.mean([1, 2, 3])", 2, "result"),
    ("from a package", "from concurrent import futures\nresult = futures.__name__", "concurrent.futures", "result"),
    ("stdin is at its end", "import sys\nresult = sys.stdin.read()", "", "result"),
    ("environment is empty", "import os\nresult = dict(os.environ)", {}, "result"),
]

# (name, script, kind, reported, part of the message, line)
FAILURES = [
    ("exception", "x = 1\n\n1/0", "exception", True, "division by zero", 3),
    ("own exception", "class E(Exception): pass\ndef f():\n    raise E('hi')\nf()", "exception", True, "hi", 3),
    ("exception whose text fails", "class E(Exception):\n    def __str__(self): 1/0\nraise E", "exception", True, "no text", 3),
    ("KeyboardInterrupt", "raise KeyboardInterrupt('k')", "exception", True, "k", 1),
    ("exception in main", "def main(x):\n    return x.nope", "exception", True, "nope", 2),
    ("recursion", "def f(): f()\nf()", "exception", True, "recursion", 1),
    ("syntax", "x = 1\ny = = 2", "syntax", True, "invalid syntax", 2),
    ("indentation", "if True:\nx", "syntax", True, "expected an indented block", 2),
    ("a null byte", "a\0b", "syntax", True, "null", None),
    ("return at top level", "return 1", "syntax", True, "outside function", 1),
    ("sys.exit(3)", "import sys\nsys.exit(3)", "exit", True, "3", 2),
    ("sys.exit('text')", "import sys\nsys.exit('text')", "exit", True, "1", 2),
    ("os._exit(0)", "import os\nprint('x', flush=True)\nos._exit(0)", "exit", True, "status 0", None),
    ("os._exit(7)", "import os\nos._exit(7)", "exit", True, "status 7", None),
    ("NaN", "result = [float('nan')]", "result_not_json", True, "JSON", None),
    ("Infinity", "result = float('inf')", "result_not_json", True, "JSON", None),
    ("an object", "result = object()", "result_not_json", True, "object", None),
    ("a function", "def result(): pass", "result_not_json", True, "function", None),
    ("a circle", "result = []\nresult.append(result)", "result_not_json", True, "ircular", None),
    ("depth 101", "result = []\nfor i in range(100): result = [result]", "result_not_json", True, "deep", None),
    ("depth 100000", "result = []\nfor i in range(100000): result = [result]", "result_not_json", True, "deep", None),
    ("segfault", "import ctypes\nctypes.string_at(0)", "signal", False, "SIGSEGV", None),
    ("abort", "import os\nos.abort()", "signal", False, "SIGABRT", None),
    ("SIGKILL itself", "import os\nos.kill(os.getpid(), 9)", "signal", False, "SIGKILL", None),
    ("memory", "x = []\nwhile True: x.append(bytearray(1 << 20))", "memory", False, "memory", None),
    ("memory said", "raise MemoryError", "memory", True, "memory", 1),
    ("10 TB at once", "x = bytearray(10 << 40)", "memory", True, "memory", 1),
    ("7 MB", "result = 'x' * 7000000", "result_too_large", False, "6 MB", None),
    ("4 MB that escaping doubles", "result = chr(34) * 4000000", "result_too_large", False, "6 MB", None),
]

REQUESTS = [
    (b"", 400), (b"null", 400), (b"[]", 400), (b"{}", 400), (b'{"script": 5}', 400), (b'{"script": "x"', 400),
    (b'{"script": "1", "script": "2"}', 400), (b'{"script": "1", "timeout_ms": "5"}', 400),
    (b'{"script": "1", "return": "xml"}', 400), (b'{"script": "\xff"}', 400), (b'\xff\xfe', 400),
    (b'{"script": "1", "input": ' + b"[" * 300 + b"]" * 300 + b"}", 400),
    (b'{"script": "result=1", "input": ' + b"[" * 190 + b"]" * 190 + b"}", 200),
    (b' {"script" : "result=1" , "unknown": {"a": [1]}} ', 200),
]

RETURNS = [
    ("result", "result = 1\ndef main(x): return 2\n3", 1), ("main", "result = 1\ndef main(x): return 2\n3", 2),
    ("expr", "result = 1\ndef main(x): return 2\n3", 3), ("stdout", "result = 1\nprint('p')\n3", "p"),
    ("result", "print('p')", None), ("main", "print('p')", None), ("expr", "print('p')", None), ("stdout", "5", ""),
    ("auto", "4", 4),
]


def values(tap, b):
    for name, script, result, source in VALUES:
        body = b.run(script, input={"n": 41, "s": "x"})
        tap.equal(name, (body["ok"], body["result"], body["meta"]["source"], body["error"]), (True, result, source, None))
    body = b.run(SEED)
    tap.check("the seed's script", body["result"].startswith("Hello from a secure, isolated sandbox!\nRunning on Python version: 3."),
              body)
    tap.check("the seed's text has no newline at its end", not body["result"].endswith("\n") and body["stdout"].endswith("\n"))
    tap.equal("_items", b.run("result = _items", input=[1, 2])["result"], [1, 2])
    tap.equal("input that is null", b.run("result = input_data is None", input=None)["result"], True)


def failures(tap, b):
    for name, script, kind, reported, message, line in FAILURES:
        status, body = b.invoke({"script": script})
        e = body["error"] or {}
        tap.check("%s is %s" % (name, kind),
                  status == 200 and body["ok"] is False and body["result"] is None and e["kind"] == kind
                  and e["reported"] is reported and message in e["message"] and e["line"] == line, body)
        tap.equal("after %s the next run is clean" % name, b.run("result = 42")["result"], 42)


def tracebacks(tap, b):
    e = b.run("def f(n):\n    raise ValueError('no')\n\nf(1)")["error"]
    tap.equal("a traceback has the script's own lines alone", e["traceback"],
              'Traceback (most recent call last):\n  File "<script>", line 4, in <module>\n    f(1)\n'
              '  File "<script>", line 2, in f\n    raise ValueError(\'no\')\nValueError: no')
    e = b.run("import json\njson.loads('{')")["error"]
    tap.check("no path of the host in a traceback", "/" not in e["traceback"] and e["line"] == 2, e)
    e = b.run("def f(n): f(n + 1)\nf(0)")["error"]
    tap.check("a deep traceback is short", len(e["traceback"]) < 20000, len(e["traceback"]))


def requests(tap, b):
    for payload, status in REQUESTS:
        got, body = b.invoke(payload)
        tap.check("%r gives %d" % (payload[:40], status),
                  got == status and (status == 200) == body["ok"]
                  and (status == 200 or (body["error"]["kind"], body["error"]["reported"]) == ("bad_request", False)), body)
    for mode, script, result in RETURNS:
        tap.equal("return %s of %r" % (mode, script), b.run(script, **{"return": mode})["result"], result)


def strict(payload):
    """What a request must be, by another reader: Python's, with its extensions refused."""
    def no_constant(name):
        raise ValueError(name)

    def pairs(items):
        return tuple(items)

    try:
        value = json.loads(payload.decode("utf-8"), parse_constant=no_constant, object_pairs_hook=pairs)
    except (ValueError, RecursionError):
        return False
    if not isinstance(value, tuple):
        return False
    known = [k for k, _ in value if k in ("script", "input", "timeout_ms", "return")]
    got = dict(value)
    timeout, ret = got.get("timeout_ms"), got.get("return")
    return (len(known) == len(set(known)) and isinstance(got.get("script"), str)
            and (timeout is None or (type(timeout) is int and 0 < timeout < 2 ** 63))
            and ret in (None, "auto", "result", "main", "expr", "stdout"))


def mutations(tap, b):
    """Requests changed at random: taken exactly when another JSON reader takes them (the same every time)."""
    import random
    chance = random.Random(7)
    base = '{"script": "1", "input": [1, -2.5e3, "\\u00e9\\ud83d\\ude00é", {"a": null, "b": [true, false]}], "return": "expr"}'.encode()
    pieces = [b'"', b"\\", b"{", b"}", b"[", b"]", b",", b":", b"0", b"-", b".", b"e", b" ", b"\n", b"\x01", b"\xff", b"null", b"NaN",
              b"\\u", b"\xc3", b"1"]
    wrong, taken = [], 0
    for _ in range(600):
        payload = base
        for _ in range(chance.randint(1, 2)):
            at = chance.randrange(len(payload))
            payload = payload[:at] + chance.choice(pieces) + payload[at + chance.randint(0, 2):]
        status, _ = b.invoke(payload)
        taken += status == 200
        if (status == 200) != strict(payload):
            wrong.append((status, payload))
    tap.check("600 changed requests, %d taken" % taken, not wrong and 20 < taken < 580, wrong[:5])


def streams(tap, b):
    body = b.run("import sys\nprint('out')\nprint('err', file=sys.stderr)\nresult = 1")
    tap.equal("both streams", (body["stdout"], body["stderr"], body["result"]), ("out\n", "err\n", 1))
    body = b.run("import os\nfor i in range(50): os.write(1, b'x' * (1 << 20))")
    tap.check("50 MB of output: the first 256 KiB, and ok",
              body["ok"] and len(body["stdout"]) == 262144 and body["truncated"] == {"stdout": True, "stderr": False}
              and body["result"] == body["stdout"], {k: v for k, v in body.items() if k not in ("stdout", "result")})
    body = b.run("import os\nwhile True: os.write(2, b'x' * (1 << 20))")
    tap.equal("a flood is output_limit", (body["ok"], body["error"]["kind"], body["error"]["reported"]),
              (False, "output_limit", False))
    body = b.run("import os\nos.write(1, b'\\xff\\xe9\\0\\x1b[31m\\n')\nNone")
    tap.equal("bytes that are no text", body["stdout"], "\ufffd\ufffd\0\x1b[31m\n")
    body = b.run("print('é' * 200000)")
    tap.check("a cut character is left out", body["stdout"] == "é" * 131072, len(body["stdout"]))
    body = b.run("print('said', flush=True)\nwhile True: pass", timeout_ms=300)
    tap.equal("what was printed before a timeout", (body["error"]["kind"], body["stdout"]), ("timeout", "said\n"))


def times(tap, b):
    body = b.run("import time\ntime.sleep(60)", timeout_ms=200)
    tap.check("timeout_ms", body["error"]["kind"] == "timeout" and not body["error"]["reported"]
              and 190 < body["meta"]["duration_ms"] < 1500, body)
    tap.check("no note when nothing was clamped", "timeout_clamped" not in body["meta"], body["meta"])
    body = b.run("result = 1", timeout_ms=10 ** 9)
    tap.equal("timeout_ms is clamped, and meta says so", body["meta"].get("timeout_clamped"), True)
    status, body = b.invoke({"script": "while True: pass"}, lambda_ms=1000)
    tap.check("the own deadline comes before Lambda's", body["error"]["kind"] == "timeout"
              and body["meta"]["duration_ms"] < 1000, body["meta"])
    status, body = b.invoke({"script": "while True: pass"}, lambda_ms=-5)
    tap.equal("a deadline that has passed", body["error"]["kind"], "timeout")
    tap.equal("the next run is clean", b.run("result = 42")["result"], 42)


def chance(tap, b):
    script = "import random, secrets, uuid\nresult = [random.random(), secrets.token_hex(8), str(uuid.uuid4())]"
    one, two = b.run(script)["result"], b.run(script)["result"]
    tap.check("random numbers differ between runs", all(x != y for x, y in zip(one, two)), (one, two))
    ids = {b.run("1")["meta"]["run_id"] for _ in range(5)}
    tap.check("run ids differ, and are not Lambda's", len(ids) == 5 and all(len(i) == 16 for i in ids), ids)
    b.run("import json, builtins\njson.dumps = None\nbuiltins.print = None\nimport sys\nsys.modules.clear()")
    tap.equal("a patched library is whole in the next run", b.run("import json\nprint(json.dumps([1]))")["result"], "[1]")


def big(tap, b):
    text = "x" * 5_900_000
    body = b.run("result = len(input_data)", input=text)
    tap.equal("a 5.9 MB request", body["result"], len(text))
    body = b.run("result = 'y' * 6000000")
    tap.equal("a 6,000,000 byte result", len(body["result"] or ""), 6000000)
    raw = b.raw({"script": "result = 'y' * 6291000"})
    tap.check("the answer stays below Lambda's limit", len(raw) < 6291556, len(raw))
    tap.equal("the next run is clean", b.run("result = 42")["result"], 42)


def everything(tap, b):
    for group in (values, failures, tracebacks, requests, mutations, streams, times, chance, big):
        tap.group(group.__name__, group, b)


def main():
    getattr(sys, "set_int_max_str_digits", int)(0)
    tap = Tap()
    with Bootstrap() as b:
        tap.group("answers", everything, b)
        tap.check("the log has no script, input or output", not any(
            word in b.read_log() for word in ("secure, isolated", "said", "division", "import")), b.read_log()[-2000:])
        starts = [e for e in b.events() if e["event"] == "start"]
        tap.check("one line at the start, one per run", len(starts) == 1
                  and len([e for e in b.events() if e["event"] == "run"]) == b.count, starts)
    tap.done()


if __name__ == "__main__":
    main()
