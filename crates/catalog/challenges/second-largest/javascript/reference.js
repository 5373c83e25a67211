/** Returns the second largest different value, or null if there is none. */
function secondLargest(values) {
  let largest = null;
  let second = null;
  for (const value of values) {
    if (largest === null || value > largest) {
      second = largest;
      largest = value;
    } else if (value < largest && (second === null || value > second)) {
      second = value;
    }
  }
  return second;
}
