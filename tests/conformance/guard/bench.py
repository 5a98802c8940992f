#!/usr/bin/env python3
"""`audit --only-policies` beside cfn-guard 3.2.1 in one run: processor time and memory, medians.

    tests/conformance/guard/bench.py [--turns N]

The AWS Guard Rules Registry over one small template and over the synthetic one of 500 resources, both of the corpora, and
over an empty document beside `cat` of its files.  cfn-guard is found, or built, by get-cfn-guard; what is absent is said and
left out.  Exit status 1 where a goal is missed.
"""
import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parents[2]
BUILD = pathlib.Path(os.environ.get("top_builddir") or TOP)
CORPORA = pathlib.Path(os.environ.get("SANDBOXGEN_CORPORA") or TOP.parent / "shared" / "corpora")
REGISTRY = CORPORA / "guard" / "registry" / "rules"
TEMPLATES = [("one template", CORPORA / "guard" / "templates" / "cfn" / "00_no_value.yaml", 20, None),
             ("500 resources", CORPORA / "perf" / "t500.json", 65, 40)]
LOADING = 5  # times the cat
missed = []


def run(command):
    """Seconds of processor time, seconds of the clock, MiB."""
    start = time.monotonic()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    if os.waitstatus_to_exitcode(status) not in (0, 1, 19):
        sys.exit(f"{command[0]} did not do its work")
    return used.ru_utime + used.ru_stime, time.monotonic() - start, used.ru_maxrss / 1024


def costs(commands, turns):
    """Of each command the medians, and the largest resident set; in turns, so that a busy machine is busy for all."""
    samples = [[] for _ in commands]
    for _ in range(turns):
        for (command, several), mine in zip(commands, samples):
            mine += [run(command) for _ in range(several)]
    return [(statistics.median(s[0] for s in mine), statistics.median(s[1] for s in mine), max(s[2] for s in mine))
            for mine in samples]


def goal(met, text):
    if not met:
        missed.append(text)
    return f"goal {text}: {'met' if met else 'MISSED'}"


def ours(document):
    return [str(BUILD / "sandboxgen"), "audit", "--only-policies", "--format", "json", "--policies", str(REGISTRY), "--",
            str(document)]


def theirs(guard, document):
    return [guard, "validate", "-r", str(REGISTRY), "-d", str(document), "--structured", "-o", "json", "--show-summary", "none"]


def show(name, who, cost):
    print(f"{name:14} {who:10} {cost[0]:8.4f} s cpu {cost[1]:8.4f} s wall {cost[2]:6.1f} MiB")


def compare(guard, name, template, ratio, most, turns):
    commands = [(ours(template), 5)] + ([(theirs(guard, template), 1)] if guard else [])
    both = costs(commands, turns)
    show(name, "sandboxgen", both[0])
    if most:
        print(f"{'':14} {goal(both[0][2] <= most, f'at most {most} MiB')}")
    if guard:
        show("", "cfn-guard", both[1])
        times = both[1][0] / both[0][0]
        print(f"{'':14} {times:.0f} times the cpu, {both[1][1] / both[0][1]:.0f} times the wall; "
              f"{goal(times >= ratio, f'at least {ratio} times the cpu')}")


def compare_loading(turns):
    files = sorted(str(f) for f in REGISTRY.rglob("*.guard"))
    with tempfile.TemporaryDirectory() as folder:
        empty = pathlib.Path(folder, "empty.json")
        empty.write_text("{}")
        cat, load = costs([(["cat", *files], 5), (ours(empty), 5)], turns)
    show("loading", f"cat of {len(files)}", cat)
    show("", "sandboxgen", load)
    print(f"{'':14} {load[0] / cat[0]:.1f} times the cat; {goal(load[0] <= LOADING * cat[0], f'at most {LOADING} times')}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--turns", type=int, default=7)
    turns = parser.parse_args().turns
    if not REGISTRY.is_dir():
        print("SKIPPED: the corpora are not at hand, no rules to measure")
        return 0
    found = subprocess.run([str(HERE / "get-cfn-guard")], stdout=subprocess.PIPE, text=True, check=False)
    guard = found.stdout.strip() if found.returncode == 0 else None
    if not guard:
        print("SKIPPED: cfn-guard 3.2.1 cannot be had, nothing to compare with")
    for name, template, ratio, most in TEMPLATES:
        compare(guard, name, template, ratio, most, turns)
    compare_loading(turns)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
