/** Returns the position of the first value equal to target, or -1. */
function firstPosition(values, target) {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (values[middle] < target) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low < values.length && values[low] === target ? low : -1;
}
