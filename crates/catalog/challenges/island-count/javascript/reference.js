function countIslands(grid) {
  const land = grid.map((row) => [...row].map((square) => square === "#"));

  const visitIsland = (row, column) => {
    land[row][column] = false;
    const toVisit = [[row, column]];
    while (toVisit.length > 0) {
      const [r, c] = toVisit.pop();
      for (const [y, x] of [[r - 1, c], [r + 1, c], [r, c - 1], [r, c + 1]]) {
        if (land[y]?.[x]) {
          land[y][x] = false;
          toVisit.push([y, x]);
        }
      }
    }
  };

  let islands = 0;
  for (let r = 0; r < land.length; r++) {
    for (let c = 0; c < land[r].length; c++) {
      if (land[r][c]) {
        islands++;
        visitIsland(r, c);
      }
    }
  }
  return islands;
}
