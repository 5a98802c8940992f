"""Acceptance: what `sandboxgen expand` makes of mutated and crossed SAM templates is what the pinned translator makes of them."""
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "lib"))
import bench
import tap

MUTATE = pathlib.Path(__file__).parent / "sam" / "mutate.py"
PROBES = MUTATE.with_name("probes.py")


def mutants():
    corpora = {key: os.environ[key] for key in ("SANDBOXGEN_CORPORA",) if key in os.environ}
    env = bench.clean_env(SANDBOXGEN=bench.SANDBOXGEN, **corpora)
    for seed in (1, 2):
        result = bench.run(bench.venv("LINT", "python"), "-B", MUTATE, "--count", 100, "--seed", seed, env=env)
        first = next((line for line in result.out.splitlines() if line.startswith(("ok", "not ok"))), "")
        if "# SKIP" in first:
            tap.skip("mutated templates", first.split("# SKIP", 1)[1].strip())
            continue
        tap.ok(result.status == 0 and first.startswith("ok"), f"100 mutated templates are expanded alike (seed {seed})", result)


def probes():
    result = bench.run(bench.venv("SAM", "python"), "-B", PROBES, env=bench.clean_env(SANDBOXGEN=bench.SANDBOXGEN))
    count = sum(line.startswith("ok") for line in result.out.splitlines())
    tap.ok(result.status == 0 and count > 60, f"{count} templates written by hand are expanded alike", result)


tap.main(mutants, probes)
