def first_position(values, target):
    """Return the position of the first value equal to target, or -1.

    values: list[int], sorted
    target: int
    returns: int
    """
    pass
