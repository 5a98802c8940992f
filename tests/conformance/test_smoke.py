"""Acceptance: tests/aws/smoke, for an account's owner, as far as it goes without one: --dry-run prints each call and makes none; against
ministack, whose functions the built executor answers for, every call of it is made and every promise kept that an emulator can keep.
"""
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "lib"))
import bench
import tap
from cloud import Cloud

SMOKE = bench.TOP / "tests" / "aws" / "smoke"
# what the kernel of the machine that the tests run on decides, and not the emulator
OF_THE_MACHINE = ("at the full profile",)


def plain(lines, home):
    """Calls without what differs from run to run."""
    return [" ".join("DIR" + word.split("/tmp.", 1)[1][10:] if "/tmp." in word else word for word in line.split(" ")) for line in lines]


def smoke():
    cloud = Cloud()
    result = bench.run("bash", SMOKE, "--dry-run", env=cloud.env)
    tap.ok(result.status == 0 and not cloud.made(), "--dry-run makes no call", result)
    printed = [line[2:] for line in result.err.splitlines() if line.startswith("+ ")]
    promises = [line.split(" - ", 1)[1] for line in result.out.splitlines() if line.startswith("would check ")]
    tap.ok(len(promises) >= 16, f"it would check {len(promises)} promises", result)
    claims = [row.split(" | ") for row in (bench.TOP / "README.md").read_text().splitlines() if row.startswith("| ") and row.count(" | ") == 3]
    named = {name for row in claims for name in re.findall(r"\*([^*]+)\*", row[2])}
    tap.ok(named and all(any(promise.startswith(name) for promise in promises) for name in named), "the README's table names promises of it", named)
    tap.ok("dollar" in result.err.split("\n+ ")[0], "it says what it costs, first", result)
    result = bench.run("bash", SMOKE, env=cloud.env)
    tap.ok(result.status == 2 and not cloud.made(), "without an answer nothing is made", result)
    tap.same(bench.run("bash", SMOKE, "--nonsense", env=cloud.env).status, 2, "an unknown option")
    result = bench.run("bash", SMOKE, "--region", bench.REGION, env={**cloud.env, "SMOKE_YES": "1"}, timeout=900)
    said = [line.split(" - ", 1) for line in result.out.splitlines() if " - " in line]
    tap.same([row[1] for row in said], promises, "against the emulator it checks all of them")
    kept = [promise for verdict, promise in said if verdict.startswith("ok ")]
    broken = [promise for promise in promises if promise not in kept and not promise.startswith(OF_THE_MACHINE)]
    tap.same(broken, [], f"{len(kept)} promises are kept")
    printed_words, made_words = ([line.split(" ")[:3] for line in lines if line.split(" ")[0] in ("sam", "aws")]
                                 for lines in (plain(printed, cloud.home), plain(cloud.made(), cloud.home)))
    tap.same(made_words, printed_words, f"and made the {len(made_words)} calls that --dry-run printed, in that order")
    tap.ok(result.status == (0 if len(kept) == len(promises) else 1), "its exit status says whether all was as promised", result)
    cloud.stop()


if __name__ == "__main__":
    tap.main(smoke)
