// Collects the numbers in a set, so equal numbers are kept only once.
function flatten(items) {
  const found = new Set();
  for (const item of items) {
    if (Array.isArray(item)) {
      flatten(item).forEach((number) => found.add(number));
    } else {
      found.add(item);
    }
  }
  return [...found];
}
