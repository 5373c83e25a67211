from collections import Counter


def first_unique(text):
    counts = Counter(text)
    for position, letter in enumerate(text):
        if counts[letter] == 1:
            return position
    return -1
