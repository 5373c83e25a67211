def second_largest(values):
    """Return the second largest different value, or None if there is none."""
    largest = None
    second = None
    for value in values:
        if largest is None or value > largest:
            largest, second = value, largest
        elif value < largest and (second is None or value > second):
            second = value
    return second
