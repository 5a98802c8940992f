#!/usr/bin/env python3
"""Policies that nobody here wrote: each is within itself, within its union with another, and within what is left of it when
each action and each resource has a statement of its own; what a Deny leaves of it is within it.

The corpora are found at $SANDBOXGEN_CORPORA or ../shared/corpora.  What is refused as malformed, and what stays unproven, is
named, each with the reason that `judge` gives.
"""
import collections
import itertools
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "lib"), str(HERE)]
import batch
import tap

DENIES = [{"Effect": "Deny", "Action": ["s3:*", "ec2:Describe*"], "Resource": "*"},
          {"Effect": "Deny", "Action": "*", "Resource": "arn:aws:s3:::*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
          {"Effect": "Deny", "NotAction": ["iam:*", "logs:Put?og*"], "NotResource": "arn:aws:iam::*:role/a*"}]


def is_policy(document):
    return isinstance(document, dict) and "Statement" in document and all(isinstance(s, dict) for s in batch.statements(document))


def listed(value):
    return value if isinstance(value, list) else [value]


def cut_up(statements):
    """Each action and resource of an Allow in a statement of its own: no one of them says what the whole said."""
    for s in statements:
        parts = [("Action", a) for a in listed(s.get("Action", []))], [("Resource", r) for r in listed(s.get("Resource", []))]
        if s.get("Effect") != "Allow" or not all(parts):
            yield s
            continue
        for pair in itertools.product(*parts):
            yield {**s, **dict(pair)}


def questions(documents):
    """(name, property, candidate, reference); what is added has a Principal where the document's own statements have one."""
    for k, (name, document) in enumerate(documents):
        yield name, "itself", document, document
        if not is_policy(document):
            continue
        own = batch.statements(document)
        yield name, "cut up", document, {**document, "Statement": list(cut_up(own))}
        other = documents[(k + 7) % len(documents)][1]
        allows = [s for s in batch.statements(other) if s.get("Effect") == "Allow"] if is_policy(other) else []
        yield name, "its union with another", document, {**document, "Statement": own + allows}
        deny = dict(DENIES[k % len(DENIES)])
        if any("Principal" in s or "NotPrincipal" in s for s in own):
            deny["Principal"] = "*"
        yield name, "less a Deny", {**document, "Statement": own + [deny]}, document


def of_others():
    documents = batch.documents()
    if not documents:
        tap.skip("policies of other people", f"{batch.CORPORA} is not there")
        return
    within_themselves(documents)


def within_themselves(documents):
    """The answers to all four questions about each of them."""
    asked = list(questions(documents))
    answers = batch.ask({"candidate": c, "reference": r} for _, _, c, r in asked)
    found = collections.defaultdict(list)
    for (name, what, _, _), answer in zip(asked, answers):
        found[answer["verdict"]].append(f"{name}: {what}" + (" (over budget)" if answer["over_budget"] else ""))
    over = [row for row in found["unproven"] if row.endswith("(over budget)")]
    # Every action with every resource is more statements than anybody writes: those have a share of their own.
    cut = [row for row in found["unproven"] if ": cut up" in row]
    rest = [row for row in found["unproven"] if row not in cut]
    tap.note(f"{len(documents)} documents, {len(asked)} questions: " +
             ", ".join(f"{len(rows)} {verdict}" for verdict, rows in sorted(found.items())))
    tap.note("\n".join(f"unproven: {row}" for row in found["unproven"]))
    tap.note("\n".join(f"malformed: {row}" for row in found["error"]))
    seconds = sorted(answer["seconds"] for answer in answers)
    tap.note(f"processor time: median {seconds[len(seconds) // 2] * 1e3:.2f} ms, most {seconds[-1]:.2f} s, all {sum(seconds):.0f} s")
    tap.ok(not found["fail"], "none goes beyond itself", "\n".join(found["fail"]))
    plain = sum(what != "cut up" for _, what, _, _ in asked)
    tap.ok(len(rest) <= plain / 100, f"{len(rest)} of {plain} about itself, a union, a Deny stay unproven", "\n".join(rest))
    tap.ok(len(cut) <= (len(asked) - plain) / 20, f"{len(cut)} of {len(asked) - plain} cut up stay unproven, all {len(over)} over budget",
           "\n".join(cut))
    tap.ok(len(over) == len(found["unproven"]), "nothing else stays unproven", "\n".join(row for row in found["unproven"] if row not in over))
    tap.ok(len(found["error"]) <= len(asked) / 10, f"{len(found['error'])} of {len(asked)} are malformed")


if __name__ == "__main__":
    tap.main(of_others)
