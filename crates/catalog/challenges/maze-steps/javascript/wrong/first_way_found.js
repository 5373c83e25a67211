// Depth-first search prints the length of the first way it finds, not of the shortest one.
const lines = require("fs").readFileSync(0, "utf8").split("\n");
const [rows, columns] = lines[0].split(" ").map(Number);
const grid = lines.slice(1, rows + 1);

const startRow = grid.findIndex((line) => line.includes("S"));
const stack = [[startRow, grid[startRow].indexOf("S"), 0]];
const seen = new Set();
let answer = -1;
while (stack.length > 0) {
  const [row, column, steps] = stack.pop();
  const cell = grid[row]?.[column];
  const key = `${row},${column}`;
  if (cell === undefined || cell === "#" || seen.has(key)) {
    continue;
  }
  if (cell === "E") {
    answer = steps;
    break;
  }
  seen.add(key);
  stack.push([row - 1, column, steps + 1], [row, column - 1, steps + 1]);
  stack.push([row + 1, column, steps + 1], [row, column + 1, steps + 1]);
}
console.log(answer);
