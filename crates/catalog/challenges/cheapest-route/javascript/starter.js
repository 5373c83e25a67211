const numbers = require("fs").readFileSync(0, "utf8").trim().split(/\s+/).map(Number);
const [n, m, start, goal] = numbers;
const roads = [];
for (let i = 0; i < m; i++) {
  roads.push(numbers.slice(4 + 3 * i, 7 + 3 * i));
}

// Print the smallest sum of tolls from start to goal, or -1.
