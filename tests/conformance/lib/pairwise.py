"""Few combinations that hold every pair: for each two factors, each value of one beside each of the other, at least once."""
import itertools


def pairs_of(row, names):
    return {(a, row[a], b, row[b]) for a, b in itertools.combinations(names, 2)}


def combinations(factors):
    """Rows {factor: index of its value}.  Greedy, and the same each time."""
    names = list(factors)
    left = {(a, i, b, k) for a, b in itertools.combinations(names, 2)
            for i in range(len(factors[a])) for k in range(len(factors[b]))}
    rows = []
    while left:
        first = min(left, key=lambda pair: (names.index(pair[0]), pair[1], names.index(pair[2]), pair[3]))
        row = {first[0]: first[1], first[2]: first[3]}
        for name in names:
            if name not in row:
                row[name] = max(range(len(factors[name])), key=lambda value, name=name: (sum(
                    tuple(x for n in sorted((name, other), key=names.index) for x in (n, {**row, name: value}[n])) in left
                    for other in row), -value))
        rows.append(row)
        left -= pairs_of(row, names)
    return rows
