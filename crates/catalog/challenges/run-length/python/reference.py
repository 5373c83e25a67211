from itertools import groupby


def run_length(text):
    """Return the text with each run of equal letters packed."""
    parts = []
    for letter, run in groupby(text):
        count = sum(1 for _ in run)
        parts.append(letter if count == 1 else f"{letter}{count}")
    return "".join(parts)
