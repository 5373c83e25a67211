def count_islands(grid):
    """Return the number of islands on the map.

    grid: list of str, "#" is land and "." is water
    Returns: int
    """
    # Write your solution here.
    return None
