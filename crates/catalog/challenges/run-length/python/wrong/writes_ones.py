# Writes the count of a single letter too: "b" becomes "b1".
from itertools import groupby


def run_length(text):
    return "".join(f"{letter}{len(list(run))}" for letter, run in groupby(text))
