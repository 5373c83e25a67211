class MinHeap {
  #items = [];

  get size() {
    return this.#items.length;
  }

  push(value) {
    const items = this.#items;
    let i = items.length;
    items.push(value);
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (items[parent] <= items[i]) {
        break;
      }
      [items[parent], items[i]] = [items[i], items[parent]];
      i = parent;
    }
  }

  pop() {
    const items = this.#items;
    const smallest = items[0];
    const last = items.pop();
    if (items.length > 0) {
      items[0] = last;
      this.#sink();
    }
    return smallest;
  }

  #sink() {
    const items = this.#items;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= items.length) {
        return;
      }
      if (child + 1 < items.length && items[child + 1] < items[child]) {
        child++;
      }
      if (items[i] <= items[child]) {
        return;
      }
      [items[i], items[child]] = [items[child], items[i]];
      i = child;
    }
  }
}

function courseOrder(count, pairs) {
  const waiting = Array.from({ length: count }, () => []);
  const openConditions = new Array(count).fill(0);
  for (const [before, after] of pairs) {
    waiting[before].push(after);
    openConditions[after]++;
  }

  const possible = new MinHeap();
  for (let course = 0; course < count; course++) {
    if (openConditions[course] === 0) {
      possible.push(course);
    }
  }
  const order = [];
  while (possible.size > 0) {
    const course = possible.pop();
    order.push(course);
    for (const later of waiting[course]) {
      openConditions[later]--;
      if (openConditions[later] === 0) {
        possible.push(later);
      }
    }
  }
  return order.length === count ? order : [];
}
