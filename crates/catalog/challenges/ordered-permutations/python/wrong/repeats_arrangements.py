# Treats equal numbers as different, so the same arrangement appears several times.
from itertools import permutations


def ordered_permutations(values):
    return [list(row) for row in permutations(sorted(values))]
