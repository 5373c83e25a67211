def run_length(text):
    """Return the text with each run of equal letters packed.

    text: str
    returns: str
    """
    pass
