// Uses each road only from its first town to its second.
const numbers = require("fs").readFileSync(0, "utf8").trim().split(/\s+/).map(Number);
const [n, m, start, goal] = numbers;
const roads = Array.from({ length: n + 1 }, () => []);
for (let i = 4; i < 4 + 3 * m; i += 3) {
  roads[numbers[i]].push([numbers[i + 1], numbers[i + 2]]);
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
