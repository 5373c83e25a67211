def queens_count(size, worn):
    """Return the number of ways to place size queens on the board.

    size: int
    worn: list[list[int]], each element is [row, column]
    returns: int
    """
    pass
