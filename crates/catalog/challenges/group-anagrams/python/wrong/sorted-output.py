# Sorts the words by their letters first, so groups come out in another order.
from itertools import groupby


def group_anagrams(words):
    ordered = sorted(words, key=sorted)
    return [list(group) for _, group in groupby(ordered, key=sorted)]
