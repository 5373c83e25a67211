from bisect import bisect_left


def longest_increasing(values):
    ends = []
    for value in values:
        position = bisect_left(ends, value)
        if position == len(ends):
            ends.append(value)
        else:
            ends[position] = value
    return len(ends)
