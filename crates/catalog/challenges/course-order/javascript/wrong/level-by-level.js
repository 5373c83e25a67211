// Takes all possible courses of one level before it looks at the courses that became possible.
function courseOrder(count, pairs) {
  const waiting = Array.from({ length: count }, () => []);
  const conditions = new Array(count).fill(0);
  for (const [before, after] of pairs) {
    waiting[before].push(after);
    conditions[after]++;
  }
  let level = [...conditions.keys()].filter((course) => conditions[course] === 0);
  const order = [];
  while (level.length > 0) {
    const next = [];
    for (const course of level.sort((a, b) => a - b)) {
      order.push(course);
      for (const later of waiting[course]) {
        if (--conditions[later] === 0) {
          next.push(later);
        }
      }
    }
    level = next;
  }
  return order.length === count ? order : [];
}
