# Remembers mown squares by their number, so equal numbers are taken for the same square.
def spiral_matrix(grid):
    if not grid:
        return []
    rows, columns = len(grid), len(grid[0])
    result = []
    seen = set()
    row, column, step_row, step_column = 0, 0, 0, 1
    while len(result) < rows * columns:
        result.append(grid[row][column])
        seen.add(grid[row][column])
        r, c = row + step_row, column + step_column
        if not (0 <= r < rows and 0 <= c < columns) or grid[r][c] in seen:
            step_row, step_column = step_column, -step_row
            r, c = row + step_row, column + step_column
            if not (0 <= r < rows and 0 <= c < columns):
                break
        row, column = r, c
    return result
