// Chooses the part by the first value, but searches one element too few on the left side.
function rotatedSearch(values, target) {
  let fall = 1;
  while (fall < values.length && values[fall] > values[fall - 1]) {
    fall++;
  }
  let [low, high] = target >= values[0] ? [0, fall - 2] : [fall, values.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (values[middle] === target) {
      return middle;
    }
    if (values[middle] < target) {
      low = middle + 1;
    } else {
      high = middle - 1;
    }
  }
  return -1;
}
