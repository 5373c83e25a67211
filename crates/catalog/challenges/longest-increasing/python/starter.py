def longest_increasing(values):
    """Return the length of the longest rising selection.

    values: list of int
    Returns: int
    """
    # Write your solution here.
    return None
