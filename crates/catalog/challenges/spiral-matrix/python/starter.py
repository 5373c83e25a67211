def spiral_matrix(grid):
    """Return the numbers of the grid in the order of the mower's way.

    grid: list[list[int]]
    returns: list[int]
    """
    pass
