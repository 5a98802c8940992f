# The Python half of the zygote.  It is compiled into the program as text (host.gen.h) and run once by Py_BytesMain, in
# isolated mode and with an empty environment.  It imports what scripts will want, then asks _zygote, the C half,
# to fork; what comes back from serve() is a child that runs one script and ends.
#
# Nothing here is a boundary: the script shares this process and can change all of it.  The kernel holds the boundary,
# and the supervisor checks every byte that this code reports.
#
# Every run starts from the same image: libraries are as they were loaded, random numbers are seeded anew after each fork.
# The seed of str hashes is the image's, chosen at random when it started: a script can learn it, and use it against
# the dictionaries of later runs only through their input, where the deadline bounds what that costs.
import builtins
import sys

import _zygote

# What a script does to the builtins is not done to the functions below: they take theirs from here.
__builtins__ = dict(vars(builtins))


def _main():
    import gc

    # What is loaded now stays, so looking for garbage meanwhile, and among it in each child, would find next to nothing.
    gc.disable()
    import ast
    import base64
    import datetime
    import decimal
    import importlib
    import inspect
    import io
    import json
    import os
    import types
    import uuid

    SCRIPT = "<script>"
    LAST = "__sandbox_last__"
    MAX_TEXT = 32768
    MAX_FRAMES = 50
    # outcomes and sources, as engine.h numbers them
    ENOMEM = 12
    OK, SYNTAX, EXCEPTION, EXIT, MEMORY, NOT_JSON = range(6)
    NONE, RESULT, MAIN, EXPR = range(4)

    # What every script may find loaded.  Loading is what costs time, so it happens once, here.
    PRELOAD = """
        abc argparse array ast base64 binascii bisect calendar cmath codecs collections collections.abc colorsys
        configparser contextlib copy csv dataclasses datetime decimal difflib email.message email.utils enum fnmatch
        fractions functools gzip hashlib heapq hmac html html.parser inspect io ipaddress itertools json keyword
        locale logging math numbers operator os pathlib pickle platform pprint queue random re secrets shlex
        statistics string stringprep struct sys tempfile textwrap threading time timeit traceback types typing
        unicodedata urllib.parse uuid warnings weakref xml.etree.ElementTree zipfile zlib zoneinfo
        encodings.idna encodings.utf_8_sig encodings.latin_1 encodings.ascii encodings.utf_16 encodings.cp1252
        concurrent.futures _strptime ctypes sqlite3 tomllib graphlib copyreg reprlib quopri bz2 lzma
    """.split()
    # Modules of the standard library that act when they are imported, or have no use here: never loaded on the word
    # of a script before it is confined.
    NEVER = {
        "antigravity", "this", "idlelib", "turtle", "turtledemo", "tkinter", "test", "lib2to3", "ensurepip", "venv",
        "webbrowser", "site", "sitecustomize", "usercustomize", "pydoc", "pydoc_data", "pdb", "cProfile", "profile",
        "__main__", "_zygote",
    }

    # Parts that a package loads when they are first used, which is too late where nothing can be opened.
    LAZY = {"numpy": ("numpy.random", "numpy.linalg", "numpy.fft", "numpy.polynomial", "numpy.ma")}
    ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "RAYON_NUM_THREADS")

    def load(name):
        try:
            importlib.import_module(name)
            return True
        except MemoryError:
            raise
        except BaseException:  # a library that this Python was built without, or one that cannot be loaded here
            return False

    packages = _zygote.packages()
    if packages:
        sys.path.append(packages)
    for name in PRELOAD:
        load(name)
    declared = [line.strip() for line in _zygote.preload().split("\n")]
    declared = [name for name in declared if name and not name.startswith("#")]
    declared += [deeper for name in declared for deeper in LAZY.get(name, ())]
    # Threads that a numeric library starts when it is imported would not be there after the fork.
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
    for name in declared:
        if not load(name):  # the list is made of all that a package installed, its tests and examples too
            sys.stderr.write(json.dumps({"event": "package", "name": name[:200], "loaded": False}) + "\n")
    os.environ.clear()  # what was set here, and LC_CTYPE, which Python itself has set
    importable = (set(sys.stdlib_module_names) - NEVER) | {name.split(".")[0] for name in declared}
    dumps, loads = json.dumps, json.loads
    read, join = os.read, b"".join

    # ------------------------------------------------------------------------------------------ the answer

    def clean(text, limit=MAX_TEXT):
        """Text as UTF-8 bytes; what is no character becomes U+FFFD."""
        if type(text) is not str:
            text = "?"
        if len(text) > limit:
            text = text[:limit] + "..."
        try:
            return text.encode("utf-8")
        except UnicodeEncodeError:
            return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode("utf-8")

    def report(outcome, source=NONE, line=0, type_="", message="", traceback="", result=b""):
        parts = [clean(type_, 256), clean(message), clean(traceback), result]
        head = b"SGF1" + bytes((outcome, source, 0, 0)) + min(max(line or 0, 0), 2**31).to_bytes(4, "little")
        _zygote.report(head + b"".join(len(p).to_bytes(4, "little") for p in parts) + b"".join(parts))

    def flush(streams):
        for stream in streams:
            try:
                stream.flush()
            except BaseException:
                pass

    def encode(value):
        """What json does not know; anything else is an error, because a silent str() hides mistakes."""
        if isinstance(value, (datetime.datetime, datetime.date, datetime.time)):
            return value.isoformat()
        if isinstance(value, (decimal.Decimal, uuid.UUID)):
            return str(value)
        if isinstance(value, (set, frozenset)):
            try:
                return sorted(value)
            except TypeError:
                return list(value)
        if isinstance(value, (bytes, bytearray)):
            return base64.b64encode(value).decode("ascii")
        if type(value).__module__.split(".")[0] == "numpy" and hasattr(value, "tolist"):
            return value.tolist()
        raise TypeError("a value of type %s cannot be written as JSON" % type(value).__name__)

    def to_json(value):
        text = dumps(value, ensure_ascii=False, allow_nan=False, default=encode, separators=(",", ":"))
        try:
            return text.encode("utf-8")
        except UnicodeEncodeError:
            return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode("utf-8")

    # ------------------------------------------------------------------------------------------ errors

    def text_of(error):
        try:
            return str(error)
        except BaseException:
            return "<the error has no text: its __str__ failed>"

    def own_frames(error):
        """(line, function) of the script's own frames: nothing of the host, no path."""
        frames, tb = [], error.__traceback__
        while tb is not None:
            code = tb.tb_frame.f_code
            if code.co_filename == SCRIPT:
                frames.append((tb.tb_lineno, code.co_name))
            tb = tb.tb_next
        return frames

    def format_error(error, lines):
        try:
            frames = own_frames(error)
            if len(frames) > MAX_FRAMES:
                kept = frames[:5] + frames[-(MAX_FRAMES - 5):]
            else:
                kept = frames
            out = ["Traceback (most recent call last):"]
            for i, (number, name) in enumerate(kept):
                if i == 5 and len(kept) < len(frames):
                    out.append("  ... %d more" % (len(frames) - len(kept)))
                out.append('  File "%s", line %d, in %s' % (SCRIPT, number or 0, name))
                if 0 < (number or 0) <= len(lines) and lines[number - 1].strip():
                    out.append("    " + lines[number - 1].strip()[:500])
            out.append("%s: %s" % (type(error).__name__, text_of(error)))
            return "\n".join(out)
        except BaseException:
            return ""

    def report_error(error, lines):
        # a mapping that the kernel refuses is the same want in another class
        if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == ENOMEM):
            line = (own_frames(error) or [(0, "")])[-1][0]
            return report(MEMORY, NONE, line, "MemoryError", "the script ran out of memory")
        line = (own_frames(error) or [(0, "")])[-1][0]
        report(EXCEPTION, NONE, line, type(error).__name__, text_of(error), format_error(error, lines))

    def report_syntax(error):
        line = getattr(error, "lineno", None) or 0
        message = getattr(error, "msg", None) or text_of(error)
        text = getattr(error, "text", None) or ""
        trace = '  File "%s", line %d\n' % (SCRIPT, line)
        if text.strip():
            trace += "    " + text.strip()[:500] + "\n"
        report(SYNTAX, NONE, line, type(error).__name__, message, trace + "%s: %s" % (type(error).__name__, message))

    # ------------------------------------------------------------------------------------------ the script

    def is_call_of(node, names):
        return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names

    def calls_at_top(tree, names):
        """Does the script itself call one of these while it is run, outside of any function?"""
        todo = list(tree.body)
        while todo:
            node = todo.pop()
            if is_call_of(node, names):
                return True
            if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
                todo.extend(ast.iter_child_nodes(node))
        return False

    def keep_last(tree):
        """The last expression's value under a name of ours; line numbers stay."""
        if tree.body and isinstance(tree.body[-1], ast.Expr):
            last = tree.body[-1]
            name = ast.copy_location(ast.Name(LAST, ast.Store()), last)
            tree.body[-1] = ast.copy_location(ast.Assign([name], last.value), last)
        return tree

    def load_imports(tree):
        """Where nothing can be opened once the script runs, what it imports is loaded before, from the list."""
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [node.module]
                if node.module.split(".")[0] in importable and load(node.module) \
                        and hasattr(sys.modules[node.module], "__path__"):
                    names = [node.module + "." + alias.name for alias in node.names]
            else:
                continue
            for name in names:
                if name.split(".")[0] in importable:
                    load(name)

    def call_main(function, value):
        try:
            parameters = list(inspect.signature(function).parameters.values())
        except (TypeError, ValueError):
            return function(value)
        positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
        required = [p for p in parameters if p.default is p.empty and p.kind in
                    (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
        if not parameters:
            return function()
        names = {p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)}
        if len(required) > 1 and isinstance(value, dict) and {p.name for p in required} <= set(value):
            return function(**{k: v for k, v in value.items() if k in names})
        if len(required) == 2 and len(positional) >= 2:
            return function(value, None)  # handler(event, context)
        if not positional and not any(p.kind is p.VAR_POSITIONAL for p in parameters) and isinstance(value, dict):
            if any(p.kind is p.VAR_KEYWORD for p in parameters):
                return function(**value)
            return function(**{k: v for k, v in value.items() if k in names})
        return function(value)

    def evaluate(tree, code, module, mode, value):
        """(source, value): the first of result, main, last expression that the mode asks for and the script has."""
        space = module.__dict__
        ended = False
        try:
            exec(code, space)
        except SystemExit as error:
            if error.code not in (None, 0):
                raise
            ended = True
        last = space.pop(LAST, None)
        if mode in ("auto", "result") and "result" in space:
            return RESULT, space["result"]
        if mode in ("auto", "main") and not ended:
            for name in ("main", "handler"):
                function = space.get(name)
                if isinstance(function, types.FunctionType) and (mode == "main" or not calls_at_top(tree, (name,))):
                    try:
                        return MAIN, call_main(function, value)
                    except SystemExit as error:
                        if error.code not in (None, 0):
                            raise
                        return NONE, None
        if mode in ("auto", "expr") and last is not None:
            return EXPR, last
        return NONE, None

    def read_request():
        parts = []
        while True:
            part = read(0, 1 << 20)
            if not part:
                return loads(join(parts))
            parts.append(part)

    def make_streams():
        """Standard streams for every child, made once: nothing is written before the fork, so each has fresh ones.  A
        line is written when it ends, so that a timeout shows what was said.  They are made over a pipe, because they
        remember what kind of file they found."""
        inner, outer = os.pipe()
        kept = [os.dup(fd) for fd in range(3)]
        for fd in range(3):
            os.dup2(outer if fd else inner, fd)
        source = io.BufferedReader(io.FileIO(0, "r", closefd=False))
        made = [io.TextIOWrapper(source, "utf-8", "replace")]
        for fd in (1, 2):
            raw = io.BufferedWriter(io.FileIO(fd, "w", closefd=False), 8192)
            made.append(io.TextIOWrapper(raw, "utf-8", "backslashreplace", line_buffering=True))
        for fd in range(3):
            os.dup2(kept[fd], fd)
        for fd in (inner, outer, *kept):
            os.close(fd)
        return made

    def take_streams():
        sys.stdin, sys.stdout, sys.stderr = sys.__stdin__, sys.__stdout__, sys.__stderr__ = made_streams
        return made_streams[1:]

    def new_module(value):
        module = types.ModuleType("__main__")
        module.__builtins__ = builtins
        module.input_data = value
        if isinstance(value, list):
            module._items = value
        if isinstance(value, dict):
            module._item = value
        sys.modules["__main__"] = module
        return module

    def run_script(tree, code, lines, mode, value):
        try:
            source, result = evaluate(tree, code, new_module(value), mode, value)
        except SystemExit as error:
            if not isinstance(error.code, int):
                print(text_of(error), file=sys.stderr)
            status = error.code if isinstance(error.code, int) else 1
            line = (own_frames(error) or [(0, "")])[-1][0]
            return report(EXIT, NONE, line, "SystemExit", "the script ended with exit status %d" % status)
        except BaseException as error:
            return report_error(error, lines)
        if source == NONE:
            return report(OK, NONE)
        try:
            encoded = to_json(result)
        except MemoryError as error:
            return report_error(error, lines)
        except BaseException as error:
            what = "the result is nested too deeply" if isinstance(error, RecursionError) else text_of(error)
            return report(NOT_JSON, source, 0, type(error).__name__, what)
        report(OK, source, result=encoded)

    def child():
        made = take_streams()
        script = tree = code = None
        try:
            sys.set_int_max_str_digits(0)  # integers keep all their digits; the deadline bounds the time
            request = read_request()
            script, value, mode = request["script"], request.get("input"), request["return"]
            del request
            script = script.removeprefix("\ufeff")
            tree = ast.parse(script, SCRIPT)
            if _zygote.lockdown():
                load_imports(tree)
            code = compile(keep_last(tree), SCRIPT, "exec", dont_inherit=True)
        except (SyntaxError, ValueError, RecursionError, OverflowError) as error:
            _zygote.stage2()
            return report_syntax(error)
        except BaseException as error:
            _zygote.stage2()
            return report_error(error, [])
        _zygote.stage2()
        numpy_random = sys.modules.get("numpy.random")
        if numpy_random is not None:
            numpy_random.seed()
        run_script(tree, code, script.split("\n"), mode, value)
        flush(made)

    def guarded_child():
        try:
            child()
        except MemoryError:
            report(MEMORY, NONE, 0, "MemoryError", "the script ran out of memory")
        except BaseException as error:
            report(EXCEPTION, NONE, 0, type(error).__name__, text_of(error))

    sys.argv[:] = [SCRIPT]
    sys.dont_write_bytecode = True
    sys.stdout.flush()
    sys.stderr.flush()
    made_streams = make_streams()
    gc.freeze()
    gc.enable()
    if _zygote.serve():  # true in a child, false when the supervisor has gone
        guarded_child()
        _zygote.leave()


_main()
