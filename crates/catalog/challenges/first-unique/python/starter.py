def first_unique(text):
    """Return the position of the first letter that occurs exactly once.

    text: str
    Returns: int, -1 if there is no such letter
    """
    # Write your solution here.
    return None
