"""Whatever our reader takes, PyYAML (as SAM CLI uses it) takes for the same: 30,000 documents changed at random."""
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "lib"))
import bench
import tap

DUMP = pathlib.Path(bench.SANDBOXGEN).parent / "tests" / "tools" / "yaml-dump"
COUNT = 30_000


def compared(reader, count):
    seed = os.environ.get("SEED") or "7"
    tap.note(f"SEED={seed}")
    result = bench.driver("LINT", "mutate_yaml.py", DUMP, reader, seed, count, bench.scratch(), timeout=900)
    if not tap.ok(result.status == 0, f"{count} documents are read with {reader}", result):
        return None
    return result.json()


def changed_documents():
    found = compared("libyaml", COUNT)
    if found:
        tap.note(found["counts"])
        tap.ok(found["wrong"] == 0, "what we read, PyYAML reads the same", found["first"])
        tap.ok(found["counts"]["same"] > COUNT // 5, "enough of them are YAML at all", found["counts"])
        tap.ok(found["counts"]["we refuse"] < COUNT // 50, "we hardly refuse what PyYAML reads", found["counts"])


def a_wrong_reader_is_seen():
    """The comparison itself: libfyaml 0.7.12 misreads quotes, and that must be found."""
    found = compared("fyaml", 3000)
    if found:
        tap.ok(found["wrong"] > 0, "a reader that errs is noticed", found["counts"])


tap.main(changed_documents, a_wrong_reader_is_seen)
