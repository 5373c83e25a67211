const lines = require("fs").readFileSync(0, "utf8").split("\n");
const [rows, columns] = lines[0].split(" ").map(Number);
const grid = lines.slice(1, rows + 1);

// Print the smallest number of steps from S to E, or -1.
