def edit_distance(first, second):
    """Return the smallest number of steps that turn first into second.

    first: str
    second: str
    Returns: int
    """
    # Write your solution here.
    return None
