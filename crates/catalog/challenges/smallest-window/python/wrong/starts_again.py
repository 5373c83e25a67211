# Begins again for every left end: quadratic time.
from collections import Counter


def smallest_window(text, needed):
    best = ""
    for start in range(len(text)):
        lacking = Counter(needed)
        missing = len(needed)
        for end in range(start, len(text)):
            if lacking[text[end]] > 0:
                missing -= 1
            lacking[text[end]] -= 1
            if missing == 0:
                if not best or end + 1 - start < len(best):
                    best = text[start:end + 1]
                break
    return best
