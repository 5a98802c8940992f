#!/usr/bin/env python3
"""`audit --only-policies` beside cfn-guard in one run: processor time and memory, medians.

    tests/conformance/guard/bench.py [--turns N]

The AWS Guard Rules Registry over one small template and over the synthetic one of 500 resources, both of the corpora;
cfn-guard 3.2.1 is found at $CFN_GUARD or in PATH.  What is absent is said and left out.
"""
import argparse
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parents[2]
BUILD = pathlib.Path(os.environ.get("top_builddir") or TOP)
CORPORA = pathlib.Path(os.environ.get("SANDBOXGEN_CORPORA") or TOP.parent / "shared" / "corpora")
REGISTRY = CORPORA / "guard" / "registry" / "rules"
TEMPLATES = [("one template", CORPORA / "guard" / "templates" / "cfn" / "00_no_value.yaml", 20, None),
             ("500 resources", CORPORA / "perf" / "t500.json", 65, 40)]


def cost(command, turns):
    """Medians: seconds of processor time, of the clock; the largest resident set in MiB."""
    cpu, wall, memory = [], [], 0
    for _ in range(turns):
        start = time.monotonic()
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, used = os.wait4(child.pid, 0)
        wall.append(time.monotonic() - start)
        cpu.append(used.ru_utime + used.ru_stime)
        memory = max(memory, used.ru_maxrss / 1024)
        if os.waitstatus_to_exitcode(status) not in (0, 1, 19):
            sys.exit(f"{command[0]} did not do its work")
    return statistics.median(cpu), statistics.median(wall), memory


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--turns", type=int, default=5)
    turns = parser.parse_args().turns
    guard = os.environ.get("CFN_GUARD") or shutil.which("cfn-guard")
    if not REGISTRY.is_dir():
        print("the corpora are not at hand")
        return 0
    for name, template, ratio, most in TEMPLATES:
        ours = cost([str(BUILD / "sandboxgen"), "audit", "--only-policies", "--format", "json", "--policies", str(REGISTRY),
                     "--", str(template)], turns * 4)
        print(f"{name:14} sandboxgen {ours[0]:8.4f} s cpu {ours[1]:8.4f} s wall {ours[2]:6.1f} MiB" +
              (f" (at most {most})" if most else ""))
        if guard:
            theirs = cost([guard, "validate", "-r", str(REGISTRY), "-d", str(template), "--structured", "-o", "json",
                           "--show-summary", "none"], turns)
            print(f"{'':14} cfn-guard  {theirs[0]:8.4f} s cpu {theirs[1]:8.4f} s wall {theirs[2]:6.1f} MiB: "
                  f"{theirs[0] / ours[0]:.0f} times the cpu (goal {ratio}), {theirs[1] / ours[1]:.0f} times the wall")
    files = sorted(REGISTRY.rglob("*.guard"))
    read = cost(["cat", *map(str, files)], turns * 4)
    print(f"{'loading':14} cat of the {len(files)} rule files {read[0]:8.4f} s cpu")
    return 0


if __name__ == "__main__":
    sys.exit(main())
