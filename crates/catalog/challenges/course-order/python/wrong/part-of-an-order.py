# Returns the courses before the circle instead of an empty list.
import heapq


def course_order(count, pairs):
    waiting = {course: [] for course in range(count)}
    conditions = {course: 0 for course in range(count)}
    for before, after in pairs:
        waiting[before].append(after)
        conditions[after] += 1
    heap = [course for course in conditions if conditions[course] == 0]
    order = []
    while heap:
        course = heapq.heappop(heap)
        order.append(course)
        for later in waiting[course]:
            conditions[later] -= 1
            if conditions[later] == 0:
                heapq.heappush(heap, later)
    return order
