/** Returns the numbers of the grid in the order of the mower's way. */
function spiralMatrix(grid) {
  if (grid.length === 0) {
    return [];
  }
  const result = [];
  let top = 0;
  let bottom = grid.length - 1;
  let left = 0;
  let right = grid[0].length - 1;
  while (top <= bottom && left <= right) {
    for (let column = left; column <= right; column++) {
      result.push(grid[top][column]);
    }
    top += 1;
    for (let row = top; row <= bottom; row++) {
      result.push(grid[row][right]);
    }
    right -= 1;
    if (top <= bottom) {
      for (let column = right; column >= left; column--) {
        result.push(grid[bottom][column]);
      }
      bottom -= 1;
    }
    if (left <= right) {
      for (let row = bottom; row >= top; row--) {
        result.push(grid[row][left]);
      }
      left += 1;
    }
  }
  return result;
}
