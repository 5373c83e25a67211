def smallest_window(text, needed):
    """Return the shortest piece of text that holds all letters of needed.

    text: str
    needed: str
    returns: str
    """
    pass
