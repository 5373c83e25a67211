// Keeps the visited squares in an array, so every check walks through the whole array.
function countIslands(grid) {
  const visited = [];
  const wasHere = (r, c) => visited.includes(`${r},${c}`);
  let islands = 0;
  for (let r = 0; r < grid.length; r++) {
    for (let c = 0; c < grid[r].length; c++) {
      if (grid[r][c] !== "#" || wasHere(r, c)) {
        continue;
      }
      islands++;
      visited.push(`${r},${c}`);
      const toVisit = [[r, c]];
      while (toVisit.length > 0) {
        const [i, j] = toVisit.pop();
        for (const [y, x] of [[i - 1, j], [i + 1, j], [i, j - 1], [i, j + 1]]) {
          if (grid[y]?.[x] === "#" && !wasHere(y, x)) {
            visited.push(`${y},${x}`);
            toVisit.push([y, x]);
          }
        }
      }
    }
  }
  return islands;
}
