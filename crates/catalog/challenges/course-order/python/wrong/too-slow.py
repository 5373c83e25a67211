# Reads all pairs again for every course in every step.
def course_order(count, pairs):
    taken = set()
    order = []

    def is_possible(course):
        return all(after != course or before in taken for before, after in pairs)

    while len(order) < count:
        for course in range(count):
            if course not in taken and is_possible(course):
                taken.add(course)
                order.append(course)
                break
        else:
            return []
    return order
