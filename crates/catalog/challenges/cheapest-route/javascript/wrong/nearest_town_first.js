// Always drives on over the cheapest road to a new town and never reconsiders.
const numbers = require("fs").readFileSync(0, "utf8").trim().split(/\s+/).map(Number);
const [n, m, start, goal] = numbers;
const roads = Array.from({ length: n + 1 }, () => []);
for (let i = 4; i < 4 + 3 * m; i += 3) {
  roads[numbers[i]].push([numbers[i + 1], numbers[i + 2]]);
  roads[numbers[i + 1]].push([numbers[i], numbers[i + 2]]);
}

const seen = new Set([start]);
let town = start;
let total = 0;
while (town !== goal) {
  const choices = roads[town].filter(([neighbour]) => !seen.has(neighbour));
  if (choices.length === 0) {
    total = -1;
    break;
  }
  choices.sort((a, b) => a[1] - b[1]);
  const [next, toll] = choices[0];
  seen.add(next);
  total += toll;
  town = next;
}
console.log(total);
