// The loop ends while one position is still unchecked.
function firstPosition(values, target) {
  let low = 0;
  let high = values.length - 1;
  let found = -1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (values[middle] === target) {
      found = middle;
      high = middle - 1;
    } else if (values[middle] < target) {
      low = middle + 1;
    } else {
      high = middle - 1;
    }
  }
  return found;
}
