# Returns where the target would be inserted, also when it does not occur.
from bisect import bisect_left


def first_position(values, target):
    position = bisect_left(values, target)
    return position if position < len(values) else -1
