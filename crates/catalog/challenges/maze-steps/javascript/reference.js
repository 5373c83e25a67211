const lines = require("fs").readFileSync(0, "utf8").split("\n");
const [rows, columns] = lines[0].split(" ").map(Number);
const grid = lines.slice(1, rows + 1);

function fewestSteps() {
  const startRow = grid.findIndex((line) => line.includes("S"));
  const startColumn = grid[startRow].indexOf("S");
  const steps = grid.map(() => new Array(columns).fill(-1));
  steps[startRow][startColumn] = 0;
  const queue = [[startRow, startColumn]];
  for (let next = 0; next < queue.length; next++) {
    const [row, column] = queue[next];
    if (grid[row][column] === "E") {
      return steps[row][column];
    }
    const neighbours = [
      [row - 1, column],
      [row + 1, column],
      [row, column - 1],
      [row, column + 1],
    ];
    for (const [r, c] of neighbours) {
      const inside = r >= 0 && r < rows && c >= 0 && c < columns;
      if (inside && grid[r][c] !== "#" && steps[r][c] === -1) {
        steps[r][c] = steps[row][column] + 1;
        queue.push([r, c]);
      }
    }
  }
  return -1;
}

console.log(fewestSteps());
