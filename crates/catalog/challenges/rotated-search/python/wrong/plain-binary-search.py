# Searches as if the list were sorted from front to back.
from bisect import bisect_left


def rotated_search(values, target):
    position = bisect_left(values, target)
    if position < len(values) and values[position] == target:
        return position
    return -1
