from heapq import heapify, heappop, heappush


def course_order(count, pairs):
    waiting = [[] for _ in range(count)]
    open_conditions = [0] * count
    for before, after in pairs:
        waiting[before].append(after)
        open_conditions[after] += 1

    possible = [course for course in range(count) if open_conditions[course] == 0]
    heapify(possible)
    order = []
    while possible:
        course = heappop(possible)
        order.append(course)
        for later in waiting[course]:
            open_conditions[later] -= 1
            if open_conditions[later] == 0:
                heappush(possible, later)
    return order if len(order) == count else []
