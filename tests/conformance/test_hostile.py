"""Acceptance: the hostile scripts of tests/hostile under AWS's Runtime Interface Emulator, in lockdown, as an unprivileged user
under a filter that refuses what Lambda is said to refuse.
"""
import os
import pathlib
import sys

BUILD = pathlib.Path(os.environ["BOOTSTRAP"]).resolve().parent
os.environ.setdefault("top_builddir", str(BUILD))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "hostile"))
import hostile  # noqa: E402

sys.argv[1:] = ["rie"]
if os.getuid() != 0:
    print("ok 1 - hostile scripts under the emulator # SKIP root loads the filter")
    print("1..1")
elif not os.path.exists(hostile.OUTER):
    print("ok 1 - hostile scripts under the emulator # SKIP `make check` builds tests/executor/outer_filter")
    print("1..1")
else:
    hostile.main()
