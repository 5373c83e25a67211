# The loop ends while one position is still unchecked.
def first_position(values, target):
    low, high = 0, len(values) - 1
    found = -1
    while low < high:
        middle = (low + high) // 2
        if values[middle] == target:
            found = middle
            high = middle - 1
        elif values[middle] < target:
            low = middle + 1
        else:
            high = middle - 1
    return found
