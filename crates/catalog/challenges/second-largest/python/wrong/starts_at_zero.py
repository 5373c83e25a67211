# Starts at 0, which is larger than every negative value.
def second_largest(values):
    if len(set(values)) < 2:
        return None
    largest = 0
    second = 0
    for value in values:
        if value > largest:
            second = largest
            largest = value
        elif value > second and value != largest:
            second = value
    return second
