"""TAP version 13 for the test programs beside this folder: one call a check, a plan at the end.

A check that cannot be made here says so with skip(); the runner counts that, and in CI it is a failure.
"""
import sys
import traceback

_count = 0
_failed = 0


def _line(text):
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def note(text):
    for line in str(text).splitlines():
        _line("# " + line[:400])


def ok(good, name, detail=""):
    """One check; `detail` is printed only where it failed."""
    global _count, _failed
    _count += 1
    _line(f"{'ok' if good else 'not ok'} {_count} - {name}")
    if not good:
        _failed += 1
        note("\n".join(str(detail).splitlines()[-60:]))
    return bool(good)


def same(got, expected, name):
    return ok(got == expected, name, f"got      {got!r}\nexpected {expected!r}")


def skip(name, why):
    global _count
    _count += 1
    _line(f"ok {_count} - {name} # SKIP {why}")


def main(*parts):
    """Runs each part; one that raises is a failed check, and the next still runs."""
    for part in parts:
        try:
            part()
        except Exception:
            ok(False, f"{part.__name__} ran to its end", traceback.format_exc())
    _line(f"1..{_count}")
    sys.exit(1 if _failed else 0)
