// Reads all pairs again for every course in every step.
function courseOrder(count, pairs) {
  const taken = new Set();
  const isPossible = (course) =>
    pairs.every(([before, after]) => after !== course || taken.has(before));

  while (taken.size < count) {
    let next = 0;
    while (next < count && (taken.has(next) || !isPossible(next))) {
      next++;
    }
    if (next === count) {
      return [];
    }
    taken.add(next);
  }
  return [...taken];
}
