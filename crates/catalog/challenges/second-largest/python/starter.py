def second_largest(values):
    """Return the second largest different value, or None if there is none.

    values: list[int]
    returns: int or None
    """
    pass
