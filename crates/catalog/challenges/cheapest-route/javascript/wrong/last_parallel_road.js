// Keeps one toll for each pair of towns, so a later road replaces a cheaper one.
const numbers = require("fs").readFileSync(0, "utf8").trim().split(/\s+/).map(Number);
const [n, m, start, goal] = numbers;
const roads = Array.from({ length: n + 1 }, () => new Map());
for (let i = 4; i < 4 + 3 * m; i += 3) {
  roads[numbers[i]].set(numbers[i + 1], numbers[i + 2]);
  roads[numbers[i + 1]].set(numbers[i], numbers[i + 2]);
}

const cost = new Array(n + 1).fill(Infinity);
cost[start] = 0;
const queue = [start];
for (let next = 0; next < queue.length; next++) {
  const town = queue[next];
  for (const [neighbour, toll] of roads[town]) {
    if (cost[town] + toll < cost[neighbour]) {
      cost[neighbour] = cost[town] + toll;
      queue.push(neighbour);
    }
  }
}
console.log(cost[goal] === Infinity ? -1 : cost[goal]);
