// Finds the longest rise of neighbouring values instead of choosing values with gaps.
function longestIncreasing(values) {
  let best = 0;
  let length = 0;
  for (let i = 0; i < values.length; i++) {
    length = i > 0 && values[i] > values[i - 1] ? length + 1 : 1;
    best = Math.max(best, length);
  }
  return best;
}
