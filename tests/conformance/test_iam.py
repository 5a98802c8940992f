"""Acceptance: the prover of permissions against others' judgement.

- z3 decides random pairs of policies too (IAM_PAIRS of them, 150 by default; `make check-iam` asks for 5,500).
- iam-simulate decides random requests too (IAM_REQUESTS, 6,000 by default; `make check-iam` asks for 100,000): the point
  evaluator's answers are compared.
- What breaks out of the executor's reference, in every policy of the corpora where they are at hand (SANDBOXGEN_CORPORA), is
  asked again there.
- AWS's managed policies, as moto ships them (IAM_MANAGED of them, 100 by default; `make check-iam` takes all, 0): the same, and
  each within itself, its union with another, itself cut up.
SEED chooses others.
"""
import json
import os
import pathlib
import random
import sys

sys.path[:0] = [str(pathlib.Path(__file__).parent / "lib"), str(pathlib.Path(__file__).parent / "iam")]
import batch
import bench
import corpora
import simulated
import tap

SEED = int(os.environ.get("SEED", "1"))
PAIRS = int(os.environ.get("IAM_PAIRS", "150"))
REQUESTS = int(os.environ.get("IAM_REQUESTS", "6000"))
MANAGED = int(os.environ.get("IAM_MANAGED", "100"))
OPERATOR_PAIRS = 100 if PAIRS >= 5000 else 1  # pairs that each operator is in


def pairs():
    """Zero differences, each operator often enough, each verdict common."""
    result = bench.run(bench.venv("IAM", "python"), "-B", bench.HERE / "iam" / "pairs_z3.py", PAIRS, SEED, timeout=14000,
                       env=bench.clean_env(top_builddir=batch.BUILD))
    if not tap.ok(result.status == 0, f"z3 on {PAIRS} pairs of policies: no verdict differs", str(result)):
        return
    sums = json.loads(result.out.strip().splitlines()[-1])
    tap.note(f"verdicts (ours/z3): {sums['verdicts']}; {sums['second']} decided word by word; seconds of z3 {sums['z3']}, ours {sums['ours']}")
    for name in ("pass", "fail"):
        share = sum(n for v, n in sums["verdicts"].items() if v.startswith(name)) / PAIRS
        tap.ok(share >= 0.3, f"{name} is {share:.0%} of the verdicts")
    unproven = sum(n for v, n in sums["verdicts"].items() if v.startswith("unproven"))
    tap.ok(unproven <= PAIRS / 100, f"{unproven} of them unproven")
    unknown = sum(n for v, n in sums["verdicts"].items() if v.endswith("unknown"))
    tap.ok(unknown <= PAIRS / 100, f"{unknown} that z3 does not decide")
    rare = {name: n for name, n in sums["operators"].items() if n < OPERATOR_PAIRS}
    tap.note(f"pairs with an operator: {sums['operators']}")
    tap.ok(not rare, f"each of {len(sums['operators'])} operators is in at least {OPERATOR_PAIRS} pairs", rare)


def requests():
    """At most one in fifty differs, and each for a reason that somebody else gives."""
    sums = simulated.compare(REQUESTS, SEED)
    tap.note(f"{sums.compared} requests compared (ours/iam-simulate): {dict(sums.verdicts)}; not valid there: {len(sums.invalid)}")
    tap.note("\n".join(f"{n} differ: {name}" for name, n in sums.classes.items()))
    tap.ok(sums.compared >= REQUESTS, f"iam-simulate on {sums.compared} requests")
    tap.ok(sums.differences() <= sums.compared / 50, f"{sums.differences()} of {sums.compared} differ")
    tap.ok(not sums.unexplained, "each for a reason of CLASSES", "\n".join(sums.unexplained[:20]))
    tap.ok(sums.verdicts["yes/Allowed"] >= sums.compared / 10, f"{sums.verdicts['yes/Allowed']} are allowed")
    tap.note(f"policies with an operator: {dict(sums.operators)}")


def breakouts(documents):
    """Every one of them is confirmed, or refused by iam-simulate on principle, for a reason of WHY_NOT that fits it."""
    sums = simulated.witnesses(documents)
    tap.note(f"{len(documents)} policies against the executor's reference: {dict(sums.verdicts)}; {sums.all()} requests break out")
    tap.note(f"{sums.known} are confirmed; with what AWS does not have today, by the evaluation alone: {dict(sums.unknown)}")
    tap.note("\n".join(f"{n}: {reason}" for reason, n in sums.reasons.items()))
    tap.note("\n".join(f"unproven: {name}: {why}" for name, why in sums.open))
    tap.ok(all(why for _, why in sums.open), f"{len(sums.open)} of them are unproven, each for a reason of WHY_OPEN")
    explained = sum(sums.reasons.values())
    tap.ok(not sums.unexplained, f"{sums.all() - explained - len(sums.unexplained)} requests that break out are confirmed, {explained} refused there for "
           "a reason of WHY_NOT, that is all", "\n".join(sums.unexplained[:20]))
    tap.ok(sums.known >= 9 * sum(sums.unknown.values()) and explained * 50 <= sums.all(),
           "nine of ten of them are calls that AWS has; one in fifty at the most is refused there")


def of_others():
    documents = [(name, d) for name, d in batch.documents() if corpora.is_policy(d)]
    if documents:
        breakouts(documents)
    else:
        tap.skip("what breaks out in policies of other people", f"{batch.CORPORA} is not there")


def of_aws():
    """AWS's managed policies, as moto ships them: no part of what the prover was made with."""
    documents = batch.managed()
    if MANAGED:
        documents = sorted(random.Random(SEED).sample(documents, MANAGED), key=lambda row: row[0])
    tap.note(f"{len(documents)} managed policies of AWS")
    corpora.within_themselves(documents)
    breakouts(documents)


tap.main(pairs, requests, of_others, of_aws)
