# Searches with bisect_right, so equal values count as rising.
from bisect import bisect_right


def longest_increasing(values):
    ends = []
    for value in values:
        position = bisect_right(ends, value)
        if position == len(ends):
            ends.append(value)
        else:
            ends[position] = value
    return len(ends)
