"""Specifications that cannot be rendered: bounded, exit 2, the place and a caret, and nothing is written.

errors/spec/NAME.yaml is the input, NAME.expect what is said about it, with the exit code in its first line.
"""
import os
import resource
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import golden  # noqa: E402

CASES = os.path.join(golden.SOURCE, "errors", "spec")
SECONDS = 20
MEMORY = 2 << 30


def limits():
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def render(folder, *args):
    before = golden.tree(folder)
    start = time.monotonic()
    run = golden.Run(folder, "render", *args, timeout=SECONDS, preexec_fn=None if golden.sanitized() else limits)
    assert time.monotonic() - start < SECONDS
    return run, golden.tree(folder) == before


def golden_case(folder, name):
    golden.write(os.path.join(folder, "sandbox.yaml"), golden.read(os.path.join(CASES, name + ".yaml")))
    run, untouched = render(folder)
    said = b"exit %d\n%s%s" % (run.code, run.out, run.err)
    assert run.code == 2, said.decode(errors="replace")
    assert untouched, "something was written"
    assert b"sandbox.yaml:" in run.err and b"^" in run.err, said.decode(errors="replace")
    path = os.path.join(CASES, name + ".expect")
    if golden.UPDATE:
        golden.write(path, said)
    wanted = golden.read(path)
    assert said == wanted, "said:\n%s\nwanted:\n%s" % (said.decode(errors="replace"), (wanted or b"").decode(errors="replace"))


def special(folder, make, words):
    make(os.path.join(folder, "sandbox.yaml"))
    run, untouched = render(folder)
    assert run.code == 2, run
    assert untouched
    assert words in run.err, run.err
    assert not run.out


def sparse(path):
    with open(path, "wb") as stream:
        stream.truncate(1 << 30)


def accepted(folder, data):
    golden.write(os.path.join(folder, "plain", "sandbox.yaml"), b"memory: 512\n")
    golden.write(os.path.join(folder, "other", "sandbox.yaml"), data)
    outputs = [golden.Run(os.path.join(folder, each), "render", "--stdout") for each in ("plain", "other")]
    assert [run.code for run in outputs] == [0, 0], outputs[1].err
    assert outputs[0].out == outputs[1].out


def main():
    tap = golden.Tap()
    for entry in sorted(os.listdir(CASES)):
        name, extension = os.path.splitext(entry)
        if extension == ".yaml":
            tap.case("error: " + name, golden_case, name)
    tap.case("a FIFO is not read", special, os.mkfifo, b"not a regular file")
    tap.case("/dev/zero is not read", special, lambda path: os.symlink("/dev/zero", path), b"not a regular file")
    tap.case("a directory is not read", special, os.mkdir, b"sandbox.yaml")
    tap.case("a file of 1 GB is not read", special, sparse, b"sandbox.yaml")
    tap.case("a missing file is named", special, lambda path: None, b"No such file")
    tap.case("CRLF is accepted", accepted, b"memory: 512\r\n")
    tap.case("a BOM is accepted", accepted, b"\xef\xbb\xbfmemory: 512\n")
    tap.case("no line end at the end is accepted", accepted, b"memory: 512")
    tap.done()


main()
