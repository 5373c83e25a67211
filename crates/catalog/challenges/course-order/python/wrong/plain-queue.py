# Takes the possible courses in the order in which they became possible.
from collections import deque


def course_order(count, pairs):
    waiting = [[] for _ in range(count)]
    conditions = [0] * count
    for before, after in pairs:
        waiting[before].append(after)
        conditions[after] += 1
    queue = deque(course for course in range(count) if conditions[course] == 0)
    order = []
    while queue:
        course = queue.popleft()
        order.append(course)
        for later in sorted(waiting[course]):
            conditions[later] -= 1
            if conditions[later] == 0:
                queue.append(later)
    return order if len(order) == count else []
