// A queue without a mark for seen squares: the same squares come back again and again.
const lines = require("fs").readFileSync(0, "utf8").split("\n");
const [rows, columns] = lines[0].split(" ").map(Number);
const grid = lines.slice(1, rows + 1);

const startRow = grid.findIndex((line) => line.includes("S"));
let wave = [[startRow, grid[startRow].indexOf("S")]];
let answer = -1;
for (let steps = 0; wave.length > 0 && answer < 0; steps++) {
  const nextWave = [];
  for (const [row, column] of wave) {
    const cell = grid[row]?.[column];
    if (cell === undefined || cell === "#") {
      continue;
    }
    if (cell === "E") {
      answer = steps;
    }
    nextWave.push([row - 1, column], [row + 1, column], [row, column - 1], [row, column + 1]);
  }
  wave = nextWave;
}
console.log(answer);
