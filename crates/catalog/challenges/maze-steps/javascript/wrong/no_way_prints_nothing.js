// Prints nothing when the exit cannot be reached.
const lines = require("fs").readFileSync(0, "utf8").split("\n");
const [rows, columns] = lines[0].split(" ").map(Number);
const grid = lines.slice(1, rows + 1);

const startRow = grid.findIndex((line) => line.includes("S"));
const steps = grid.map(() => new Array(columns).fill(-1));
const queue = [[startRow, grid[startRow].indexOf("S")]];
steps[startRow][queue[0][1]] = 0;
for (let next = 0; next < queue.length; next++) {
  const [row, column] = queue[next];
  if (grid[row][column] === "E") {
    console.log(steps[row][column]);
    break;
  }
  for (const [dr, dc] of [[-1, 0], [1, 0], [0, -1], [0, 1]]) {
    const [r, c] = [row + dr, column + dc];
    if (steps[r]?.[c] === -1 && grid[r][c] !== "#") {
      steps[r][c] = steps[row][column] + 1;
      queue.push([r, c]);
    }
  }
}
