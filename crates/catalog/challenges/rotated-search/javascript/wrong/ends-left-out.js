// Leaves the ends of the sorted half out, so a target at an end is searched in the other half.
function rotatedSearch(values, target) {
  let low = 0;
  let high = values.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (values[middle] === target) {
      return middle;
    }
    if (values[low] <= values[middle]) {
      if (values[low] < target && target < values[middle]) {
        high = middle - 1;
      } else {
        low = middle + 1;
      }
    } else if (values[middle] < target && target < values[high]) {
      low = middle + 1;
    } else {
      high = middle - 1;
    }
  }
  return -1;
}
