// Follows an island only to the right and down, so parts that go back are counted again.
function countIslands(grid) {
  const land = grid.map((row) => [...row].map((square) => square === "#"));
  let islands = 0;
  for (let r = 0; r < land.length; r++) {
    for (let c = 0; c < land[r].length; c++) {
      if (!land[r][c]) {
        continue;
      }
      islands++;
      const toVisit = [[r, c]];
      while (toVisit.length > 0) {
        const [i, j] = toVisit.pop();
        if (land[i]?.[j]) {
          land[i][j] = false;
          toVisit.push([i + 1, j], [i, j + 1]);
        }
      }
    }
  }
  return islands;
}
