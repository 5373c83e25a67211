from collections import Counter


def smallest_window(text, needed):
    """Return the shortest piece of text that holds all letters of needed."""
    lacking = Counter(needed)
    missing = len(needed)
    best_start, best_length = 0, len(text) + 1
    start = 0
    for end, letter in enumerate(text):
        if lacking[letter] > 0:
            missing -= 1
        lacking[letter] -= 1
        while missing == 0:
            length = end + 1 - start
            if length < best_length:
                best_start, best_length = start, length
            lacking[text[start]] += 1
            if lacking[text[start]] > 0:
                missing += 1
            start += 1
    if best_length > len(text):
        return ""
    return text[best_start:best_start + best_length]
