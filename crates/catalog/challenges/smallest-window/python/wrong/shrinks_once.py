# Moves the left end at most one place for each right end.
from collections import Counter


def smallest_window(text, needed):
    lacking = Counter(needed)
    missing = len(needed)
    best_start, best_length = 0, len(text) + 1
    start = 0
    for end, letter in enumerate(text):
        if lacking[letter] > 0:
            missing -= 1
        lacking[letter] -= 1
        if missing == 0:
            if end + 1 - start < best_length:
                best_start, best_length = start, end + 1 - start
            lacking[text[start]] += 1
            if lacking[text[start]] > 0:
                missing += 1
            start += 1
    return text[best_start:best_start + best_length] if best_length <= len(text) else ""
