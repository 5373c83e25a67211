const numbers = require("fs").readFileSync(0, "utf8").trim().split(/\s+/).map(Number);

/** A binary heap of entries { spent, town }, the smallest spent on top. */
class Heap {
  constructor() {
    this.entries = [];
  }

  get size() {
    return this.entries.length;
  }

  push(entry) {
    const { entries } = this;
    let child = entries.length;
    entries.push(entry);
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (entries[parent].spent <= entry.spent) {
        break;
      }
      entries[child] = entries[parent];
      child = parent;
    }
    entries[child] = entry;
  }

  pop() {
    const { entries } = this;
    const top = entries[0];
    const last = entries.pop();
    if (entries.length > 0) {
      let parent = 0;
      for (;;) {
        let child = 2 * parent + 1;
        if (child >= entries.length) {
          break;
        }
        if (child + 1 < entries.length && entries[child + 1].spent < entries[child].spent) {
          child += 1;
        }
        if (entries[child].spent >= last.spent) {
          break;
        }
        entries[parent] = entries[child];
        parent = child;
      }
      entries[parent] = last;
    }
    return top;
  }
}

function cheapest(roads, start, goal) {
  const cost = new Array(roads.length).fill(Infinity);
  cost[start] = 0;
  const heap = new Heap();
  heap.push({ spent: 0, town: start });
  while (heap.size > 0) {
    const { spent, town } = heap.pop();
    if (town === goal) {
      return spent;
    }
    if (spent > cost[town]) {
      continue;
    }
    for (const [neighbour, toll] of roads[town]) {
      const total = spent + toll;
      if (total < cost[neighbour]) {
        cost[neighbour] = total;
        heap.push({ spent: total, town: neighbour });
      }
    }
  }
  return -1;
}

const [n, m, start, goal] = numbers;
const roads = Array.from({ length: n + 1 }, () => []);
for (let i = 4; i < 4 + 3 * m; i += 3) {
  const [a, b, toll] = [numbers[i], numbers[i + 1], numbers[i + 2]];
  roads[a].push([b, toll]);
  roads[b].push([a, toll]);
}
console.log(cheapest(roads, start, goal));
