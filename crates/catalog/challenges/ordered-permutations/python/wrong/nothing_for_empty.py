# Returns no arrangement for an empty list, although there is one.
def ordered_permutations(values):
    if len(values) == 0:
        return []
    if len(values) == 1:
        return [list(values)]
    ordered = sorted(values)
    result = []
    for i, value in enumerate(ordered):
        if i > 0 and value == ordered[i - 1]:
            continue
        rest = ordered[:i] + ordered[i + 1:]
        for row in ordered_permutations(rest):
            result.append([value] + row)
    return result
