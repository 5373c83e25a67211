# Uses the number of rows for the columns as well.
def spiral_matrix(grid):
    size = len(grid)
    if size == 0:
        return []
    result = []
    row, column, step_row, step_column = 0, 0, 0, 1
    seen = set()
    for _ in range(size * size):
        result.append(grid[row][column])
        seen.add((row, column))
        r, c = row + step_row, column + step_column
        if not (0 <= r < size and 0 <= c < size) or (r, c) in seen:
            step_row, step_column = step_column, -step_row
        row += step_row
        column += step_column
    return result
