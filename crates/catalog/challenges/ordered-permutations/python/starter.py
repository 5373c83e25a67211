def ordered_permutations(values):
    """Return all different arrangements of values in ascending order.

    values: list[int]
    returns: list[list[int]]
    """
    pass
