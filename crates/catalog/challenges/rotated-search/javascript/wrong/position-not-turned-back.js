// Finds the fall and searches the sorted list, but returns the position in the sorted list.
function rotatedSearch(values, target) {
  const fall = values.findIndex((value, i) => i > 0 && value < values[i - 1]);
  const sorted = fall === -1 ? values : [...values.slice(fall), ...values.slice(0, fall)];
  let low = 0;
  let high = sorted.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] === target) {
      return middle;
    }
    if (sorted[middle] < target) {
      low = middle + 1;
    } else {
      high = middle - 1;
    }
  }
  return -1;
}
