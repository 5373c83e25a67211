def is_balanced(text):
    """Return True if all brackets in text are closed properly.

    text: str
    Returns: bool
    """
    # Write your solution here.
    return None
