def ordered_permutations(values):
    """Return all different arrangements of values in ascending order."""
    ordered = sorted(values)
    used = [False] * len(ordered)
    row = []
    result = []

    def extend():
        if len(row) == len(ordered):
            result.append(row.copy())
            return
        previous = None
        for i, value in enumerate(ordered):
            if used[i] or value == previous:
                continue
            previous = value
            used[i] = True
            row.append(value)
            extend()
            row.pop()
            used[i] = False

    extend()
    return result
