# Subtracts the longest common subsequence from the longer length, which ignores where it is.
def edit_distance(first, second):
    previous = [0] * (len(second) + 1)
    for a in first:
        current = [0]
        for j, b in enumerate(second, start=1):
            if a == b:
                current.append(previous[j - 1] + 1)
            else:
                current.append(max(previous[j], current[j - 1]))
        previous = current
    return max(len(first), len(second)) - previous[-1]
