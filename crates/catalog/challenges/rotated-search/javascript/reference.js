function rotatedSearch(values, target) {
  let low = 0;
  let high = values.length - 1;
  while (low <= high) {
    const middle = Math.floor((low + high) / 2);
    if (values[middle] === target) {
      return middle;
    }
    const leftIsSorted = values[low] <= values[middle];
    const goLeft = leftIsSorted
      ? values[low] <= target && target < values[middle]
      : !(values[middle] < target && target <= values[high]);
    if (goLeft) {
      high = middle - 1;
    } else {
      low = middle + 1;
    }
  }
  return -1;
}
