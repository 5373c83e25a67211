def flatten(items):
    """Return all integers of a nested list in one flat list.

    items: list whose elements are int or lists of the same sort
    Returns: list of int
    """
    # Write your solution here.
    return None
