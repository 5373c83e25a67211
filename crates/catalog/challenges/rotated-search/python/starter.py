def rotated_search(values, target):
    """Return the position of target in a rotated sorted list.

    values: list of int, all different
    target: int
    Returns: int, -1 if target is not in the list
    """
    # Write your solution here.
    return None
