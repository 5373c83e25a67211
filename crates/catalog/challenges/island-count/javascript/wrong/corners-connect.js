// Counts squares that touch at a corner as connected.
function countIslands(grid) {
  const land = grid.map((row) => [...row].map((square) => square === "#"));
  let islands = 0;
  for (let r = 0; r < land.length; r++) {
    for (let c = 0; c < land[r].length; c++) {
      if (!land[r][c]) {
        continue;
      }
      islands++;
      land[r][c] = false;
      const toVisit = [[r, c]];
      while (toVisit.length > 0) {
        const [i, j] = toVisit.pop();
        for (let y = i - 1; y <= i + 1; y++) {
          for (let x = j - 1; x <= j + 1; x++) {
            if (land[y]?.[x]) {
              land[y][x] = false;
              toVisit.push([y, x]);
            }
          }
        }
      }
    }
  }
  return islands;
}
