// Follows each cheaper way at once to its end and repeats nearly all the work: exponential time.
const numbers = require("fs").readFileSync(0, "utf8").trim().split(/\s+/).map(Number);
const [n, m, start, goal] = numbers;
const roads = Array.from({ length: n + 1 }, () => []);
for (let i = 4; i < 4 + 3 * m; i += 3) {
  roads[numbers[i]].push([numbers[i + 1], numbers[i + 2]]);
  roads[numbers[i + 1]].push([numbers[i], numbers[i + 2]]);
}

const cost = new Map();

function visit(town, spent) {
  if ((cost.get(town) ?? Infinity) <= spent) {
    return;
  }
  cost.set(town, spent);
  for (const [neighbour, toll] of roads[town]) {
    visit(neighbour, spent + toll);
  }
}

visit(start, 0);
console.log(cost.get(goal) ?? -1);
