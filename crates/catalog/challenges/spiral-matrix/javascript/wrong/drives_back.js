// Does not check whether a row or a column is left, so a single middle row is visited twice.
function spiralMatrix(grid) {
  if (grid.length === 0) {
    return [];
  }
  const result = [];
  let [top, bottom, left, right] = [0, grid.length - 1, 0, grid[0].length - 1];
  while (top <= bottom && left <= right) {
    for (let column = left; column <= right; column++) {
      result.push(grid[top][column]);
    }
    top += 1;
    for (let row = top; row <= bottom; row++) {
      result.push(grid[row][right]);
    }
    right -= 1;
    for (let column = right; column >= left; column--) {
      result.push(grid[bottom][column]);
    }
    bottom -= 1;
    for (let row = bottom; row >= top; row--) {
      result.push(grid[row][left]);
    }
    left += 1;
  }
  return result;
}
