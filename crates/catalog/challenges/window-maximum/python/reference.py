from collections import deque


def window_maximum(readings, size):
    """Return the maximum of each window of size neighbouring readings."""
    candidates = deque()
    result = []
    for i, reading in enumerate(readings):
        while candidates and readings[candidates[-1]] <= reading:
            candidates.pop()
        candidates.append(i)
        if candidates[0] <= i - size:
            candidates.popleft()
        if i >= size - 1:
            result.append(readings[candidates[0]])
    return result
