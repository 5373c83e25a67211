# Sorts the list first and returns the position in the sorted list.
def rotated_search(values, target):
    ordered = sorted(values)
    low, high = 0, len(ordered)
    while low < high:
        middle = (low + high) // 2
        if ordered[middle] < target:
            low = middle + 1
        else:
            high = middle
    if low < len(ordered) and ordered[low] == target:
        return low
    return -1
