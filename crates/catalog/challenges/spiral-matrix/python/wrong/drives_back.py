# Does not check whether a row or a column is left, so a single middle row is visited twice.
def spiral_matrix(grid):
    if not grid:
        return []
    result = []
    top, bottom = 0, len(grid) - 1
    left, right = 0, len(grid[0]) - 1
    while top <= bottom and left <= right:
        result.extend(grid[top][left:right + 1])
        top += 1
        for row in range(top, bottom + 1):
            result.append(grid[row][right])
        right -= 1
        for column in range(right, left - 1, -1):
            result.append(grid[bottom][column])
        bottom -= 1
        for row in range(bottom, top - 1, -1):
            result.append(grid[row][left])
        left += 1
    return result
