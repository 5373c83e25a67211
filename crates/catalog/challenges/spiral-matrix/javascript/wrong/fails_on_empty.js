// Looks at the first row without asking whether there is one.
function spiralMatrix(grid) {
  const rows = grid.length;
  const columns = grid[0].length;
  const seen = grid.map((row) => row.map(() => false));
  const result = [];
  let [row, column, stepRow, stepColumn] = [0, 0, 0, 1];
  for (let i = 0; i < rows * columns; i++) {
    result.push(grid[row][column]);
    seen[row][column] = true;
    const next = seen[row + stepRow]?.[column + stepColumn];
    if (next !== false) {
      [stepRow, stepColumn] = [stepColumn, -stepRow];
    }
    row += stepRow;
    column += stepColumn;
  }
  return result;
}
