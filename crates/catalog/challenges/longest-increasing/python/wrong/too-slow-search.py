# Keeps the smallest ends, but walks through them from the front instead of using binary search.
def longest_increasing(values):
    ends = []
    for value in values:
        position = 0
        while position < len(ends) and ends[position] < value:
            position += 1
        if position == len(ends):
            ends.append(value)
        else:
            ends[position] = value
    return len(ends)
