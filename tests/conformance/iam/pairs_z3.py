"""Random pairs of policies, each decided by `sandboxgen iam contains` and by z3: no verdict may differ.

    python pairs_z3.py COUNT SEED

Run by the Python of a virtual environment that has z3-solver.  Patterns of resources keep their wildcards behind the
fifth colon, where every reading of them is the same.  Prints one line of JSON with the counts, and a line for each pair
that differs; exit code 1 where one does.
"""
import collections
import json
import multiprocessing
import os
import pathlib
import random
import sys
import time

import z3

sys.path[:0] = [str(pathlib.Path(__file__).parents[1] / "lib"), str(pathlib.Path(__file__).parent)]
import batch

count, seed = int(sys.argv[1]), int(sys.argv[2])
rnd = random.Random(seed)
ANY = z3.AllChar(z3.ReSort(z3.StringSort()))
ACTIONS = ["a:x", "a:y", "a:xy", "b:x", "b:z", "a:*", "b:*", "a:x*", "a:?", "*", "a:*y", "a:?x*", "b:z?"]
TAILS = ["", "x", "y", "xy", "x*", "*y", "*", "x?", "?", "x*y", "?y*", "*x*y"]
TEXTS = ["a", "b", "ab", "A", "aB"]
GLOBS = ["a*", "*b", "a?", "*", "?", "ab", "*a*"]
NUMBERS = ["1", "2", "2.5", "10", "-3"]
DATES = {"2024-01-01T00:00:00Z": 1704067200, "2025-06-01T12:00:00Z": 1748779200, "1720000000": 1720000000}
RANGES = ["10.0.0.0/8", "10.1.0.0/16", "10.1.2.3", "192.168.0.0/24", "0.0.0.0/0", "10.0.0.0/9"]
ARNS = ["arn:p:s:r:1:" + t for t in ("x", "y", "x*", "?", "*", "x?y")]
OPERATORS = {
    "kS": ["StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "StringLike",
           "StringNotLike"],
    "kN": ["NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan",
           "NumericGreaterThanEquals"],
    "kD": ["DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan",
           "DateGreaterThanEquals"],
    "kB": ["Bool"], "kI": ["IpAddress", "NotIpAddress"], "kA": ["ArnLike", "ArnNotLike", "ArnEquals", "ArnNotEquals"],
    "kT": [q + ":" + o for q in ("ForAllValues", "ForAnyValue")
           for o in ("StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase")],
}
WEIGHTS = [len(operators) for operators in OPERATORS.values()]
MANY = 4  # values of the key that has several


def char(c, nocase=False):
    if nocase and c.lower() != c.upper():
        return z3.Union(z3.Re(c.lower()), z3.Re(c.upper()))
    return z3.Re(c)


def regex(text, wild=True, nocase=False):
    parts = [z3.Star(ANY) if wild and c == "*" else ANY if wild and c == "?" else char(c, nocase) for c in text]
    if not parts:
        return z3.Re("")
    return parts[0] if len(parts) == 1 else z3.Concat(*parts)


def matches(word, texts, wild=True, nocase=False):
    return z3.Or([z3.InRe(word, regex(t, wild, nocase)) for t in texts])


class Request:
    def __init__(self):
        self.action, self.resource = z3.String("action"), z3.String("resource")
        self.present = {k: z3.Bool("has_" + k) for k in OPERATORS}
        self.odd = {k: z3.Bool("odd_" + k) for k in OPERATORS}  # a value that is no number, date, address
        self.text = {k: z3.String(k) for k in ("kS", "kB", "kA")}
        self.number = {k: z3.Real(k) for k in ("kN", "kD")}
        self.address = z3.BitVec("kI", 32)
        self.many = [(z3.Bool(f"has_kT{i}"), z3.String(f"kT{i}")) for i in range(MANY)]
        self.v6 = z3.Bool("v6")  # an IPv6 address: in none of the ranges

    def domain(self):
        no_colon = z3.Plus(z3.Union(z3.Range(" ", "9"), z3.Range(";", "~")))
        any_run = z3.Star(z3.Union(z3.Range(" ", "9"), z3.Range(";", "~")))
        arn = [z3.Re("arn:")]
        for _ in range(4):
            arn += [any_run, z3.Re(":")]
        arn.append(z3.Star(z3.Range(" ", "~")))
        return [z3.InRe(self.action, z3.Concat(no_colon, z3.Re(":"), no_colon)),
                z3.InRe(self.resource, z3.Union(z3.Re("*"), z3.Concat(*arn))),
                z3.Implies(self.present["kT"], z3.Or([h for h, _ in self.many]))]


def base(rq, key, op, values):
    plain = op.replace("Not", "")
    if key in ("kS", "kT", "kB", "kA"):
        wild = plain in ("StringLike", "ArnLike", "ArnEquals")
        nocase = plain in ("StringEqualsIgnoreCase", "Bool")
        return lambda word: matches(word, values, wild, nocase)
    if key in ("kN", "kD"):
        x = rq.number[key]
        consts = [z3.RealVal(DATES[v] if key == "kD" else v) for v in values]
        compare = {"Equals": lambda c: x == c, "LessThan": lambda c: x < c, "LessThanEquals": lambda c: x <= c,
                   "GreaterThan": lambda c: x > c, "GreaterThanEquals": lambda c: x >= c}
        one = compare[plain.replace("Numeric", "").replace("Date", "")]
        return lambda _: z3.And(z3.Not(rq.odd[key]), z3.Or([one(c) for c in consts]))
    tests = []
    for v in values:
        ip, _, bits = v.partition("/")
        n = sum(int(b) << (24 - 8 * i) for i, b in enumerate(ip.split(".")))
        mask = (0xffffffff << (32 - int(bits or 32))) & 0xffffffff
        tests.append(rq.address & mask == n & mask)
    return lambda _: z3.And(z3.Not(rq.odd[key]), z3.Not(rq.v6), z3.Or(tests))


def atom(rq, op, key, values):
    if op == "Null":
        return z3.Not(rq.present[key]) if values[0] == "true" else rq.present[key]
    if_exists = op.endswith("IfExists")
    quantifier, _, name = op.replace("IfExists", "").rpartition(":")
    negated = "Not" in name
    test = base(rq, key, name, values)
    holds = (lambda w: z3.Not(test(w))) if negated else test
    if quantifier == "ForAllValues":
        return z3.Or(z3.Not(rq.present[key]), z3.And([z3.Implies(h, holds(w)) for h, w in rq.many]))
    if quantifier == "ForAnyValue":
        return z3.And(rq.present[key], z3.Or([z3.And(h, holds(w)) for h, w in rq.many]))
    here = holds(rq.text.get(key))
    return z3.If(rq.present[key], here, z3.BoolVal(negated or if_exists))


def statement(rq, s):
    action = matches(rq.action, [a.lower() for a in s.get("Action", s.get("NotAction"))])
    resource = matches(rq.resource, s.get("Resource", s.get("NotResource")))
    parts = [z3.Not(action) if "NotAction" in s else action, z3.Not(resource) if "NotResource" in s else resource]
    parts += [atom(rq, op, key, values) for op, keys in s.get("Condition", {}).items() for key, values in keys.items()]
    return z3.And(parts)


def policy(rq, p):
    def any_of(effect):
        return z3.Or([statement(rq, s) for s in p["Statement"] if s["Effect"] == effect])
    return z3.And(any_of("Allow"), z3.Not(any_of("Deny")))


def random_values(key, op):
    pool = {"kS": GLOBS if "Like" in op else TEXTS, "kT": GLOBS if "Like" in op else TEXTS, "kN": NUMBERS,
            "kD": list(DATES), "kB": ["true", "false"], "kI": RANGES, "kA": ARNS}[key]
    return rnd.sample(pool, rnd.choice([1, 1, 2]))


def random_condition(keys, used):
    out = {}
    for _ in range(rnd.choice([0, 1, 1, 2])):
        key = rnd.choice(keys)
        op = rnd.choice(OPERATORS[key])
        if rnd.random() < 0.15:
            op = "Null"
        elif key != "kT" and rnd.random() < 0.15:
            op += "IfExists"
        out.setdefault(op, {})[key] = [rnd.choice(["true", "false"])] if op == "Null" else random_values(key, op)
        used.add(op)
    return out


def random_statement(keys, used, deny):
    def resource():
        return "*" if rnd.random() < 0.25 else "arn:p:s:r:1:" + rnd.choice(TAILS)
    s = {"Effect": "Deny" if rnd.random() < deny else "Allow"}
    s["NotAction" if rnd.random() < 0.15 else "Action"] = rnd.sample(ACTIONS, rnd.choice([1, 2]))
    s["NotResource" if rnd.random() < 0.15 else "Resource"] = [resource() for _ in range(rnd.choice([1, 2]))]
    c = random_condition(keys, used)
    if c:
        s["Condition"] = c
    return s


def random_pair(used):
    keys = list({*rnd.choices(list(OPERATORS), WEIGHTS, k=rnd.choice([1, 1, 2]))})
    def make(n, deny):
        return {"Version": "2012-10-17", "Statement": [random_statement(keys, used, deny) for _ in range(n)]}
    candidate = make(rnd.choice([1, 2]), 0.25)
    reference = make(rnd.choice([1, 2, 3]), 0.15)
    # some of the pairs are near: the reference has the candidate's statements, perhaps without a part
    if rnd.random() < 0.45:
        near = json.loads(json.dumps(candidate["Statement"]))
        if rnd.random() < 0.4 and near[0].get("Condition"):
            near[0]["Condition"].popitem()
        reference["Statement"] = near + (reference["Statement"][:1] if rnd.random() < 0.4 else [])
    return candidate, reference


# z3's own measure of work, so that no verdict hangs on how busy the machine is; some seconds of an idle processor's time.
WORK, WORK_OF_A_WORD = 3_000_000, 30_000_000


def limited(work, *parts):
    solver = z3.Solver()
    solver.set("rlimit", work)
    solver.add(*parts)
    return solver


def memberships(formula):
    """The atoms of a formula that say of a word that it is in a language."""
    found, seen, left = {}, set(), [formula]
    while left:
        node = left.pop()
        if node.get_id() in seen:
            continue
        seen.add(node.get_id())
        if node.decl().kind() == z3.Z3_OP_SEQ_IN_RE:
            found[node.get_id()] = node
        else:
            left += node.children()
    return list(found.values())


def word_by_word(formula):
    """For what z3 does not decide in one go: memberships as Booleans, and what these say of one word asked alone.

    A word that cannot be gives a clause more, of the memberships that contradict each other.
    """
    atoms = memberships(formula)
    letters = {z3.Bool(f"in{k}"): atom for k, atom in enumerate(atoms)}
    skeleton = limited(WORK_OF_A_WORD, z3.substitute(formula, *((atom, letter) for letter, atom in letters.items())))
    words = collections.defaultdict(list)
    for letter, atom in letters.items():
        words[atom.arg(0).get_id()].append((letter, atom))
    while True:
        answer = skeleton.check()
        if answer != z3.sat:
            return answer
        model, clauses = skeleton.model(), []
        for pairs in words.values():
            one, said = limited(WORK_OF_A_WORD), {}
            for letter, atom in pairs:
                true = z3.is_true(model.eval(letter, model_completion=True))
                name = z3.Bool(f"said{len(said)}")
                said[name.decl().name()] = letter if true else z3.Not(letter)
                one.add(z3.Implies(name, atom if true else z3.Not(atom)))
            answer = one.check([z3.Bool(name) for name in said])
            if answer == z3.unknown:
                return answer
            if answer == z3.unsat:
                clauses.append(z3.Not(z3.And([said[name.decl().name()] for name in one.unsat_core()])))
        if not clauses:
            return z3.sat
        skeleton.add(*clauses)


def theirs(pair):
    """(verdict, whether it took a second way, seconds of processor time)."""
    rq, before = Request(), time.process_time()
    formula = z3.And(*rq.domain(), policy(rq, pair[0]), z3.Not(policy(rq, pair[1])))
    answer = limited(WORK, formula).check()
    hard = answer == z3.unknown
    if hard:
        answer = word_by_word(formula)
    return {"unsat": "pass", "sat": "fail"}.get(str(answer), "unknown"), hard, time.process_time() - before


def main():
    tally, operators, asked, wrong, second, spent = collections.Counter(), collections.Counter(), [], 0, 0, 0
    for _ in range(count):
        used = set()
        asked.append(random_pair(used))
        operators.update({name.replace("IfExists", "") for name in used})
    answers = batch.ask({"candidate": c, "reference": r} for c, r in asked)
    with multiprocessing.Pool(min(os.cpu_count() or 1, 4)) as pool:
        for k, (pair, answer, (other, hard, seconds)) in enumerate(zip(asked, answers, pool.imap(theirs, asked, 4))):
            mine = answer["verdict"]
            tally[f"{mine}/{other}"] += 1
            second += hard
            spent += seconds
            differs = other != "unknown" and mine not in (other, "unproven")
            wrong += differs
            if differs or os.environ.get("SHOW") and "un" in mine + other:
                print("differs" if differs else "open", k, mine, other, *map(json.dumps, pair), flush=True)
            if os.environ.get("SHOW"):
                print("pair", k, mine, other, "second" if hard else "first", f"{seconds:.1f} s", flush=True)
    print(json.dumps({"pairs": count, "verdicts": tally, "operators": operators, "second": second, "z3": round(spent),
                      "ours": round(sum(a["seconds"] for a in answers), 1)}, sort_keys=True))
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
