# Counts each letter in the whole text instead of in each run.
from collections import Counter


def run_length(text):
    counts = Counter(text)
    return "".join(
        letter if count == 1 else f"{letter}{count}" for letter, count in counts.items()
    )
