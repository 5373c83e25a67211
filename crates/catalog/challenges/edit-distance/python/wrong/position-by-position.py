# Compares the words position by position, so a shift makes all letters count as different.
def edit_distance(first, second):
    different = sum(a != b for a, b in zip(first, second))
    return different + abs(len(first) - len(second))
