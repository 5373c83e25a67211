# Compares the different letters only, not how often each of them is needed.
from collections import Counter


def smallest_window(text, needed):
    wanted = set(needed)
    counts = Counter()
    present = 0
    best = ""
    start = 0
    for end, letter in enumerate(text):
        counts[letter] += 1
        if letter in wanted and counts[letter] == 1:
            present += 1
        while present == len(wanted):
            if not best or end + 1 - start < len(best):
                best = text[start:end + 1]
            first = text[start]
            counts[first] -= 1
            if first in wanted and counts[first] == 0:
                present -= 1
            start += 1
    return best
