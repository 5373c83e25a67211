def digital_root(n):
    """Return the digital root of n.

    n: int
    Returns: int
    """
    # Write your solution here.
    return None
