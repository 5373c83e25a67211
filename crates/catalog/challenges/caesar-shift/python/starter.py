def caesar_shift(text, shift):
    """Return the text with each letter moved forward by shift places.

    text: str
    shift: int
    returns: str
    """
    pass
