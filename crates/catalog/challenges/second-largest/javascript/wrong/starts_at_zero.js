// Starts at 0, which is larger than every negative value.
function secondLargest(values) {
  if (new Set(values).size < 2) {
    return null;
  }
  let largest = 0;
  let second = 0;
  for (const value of values) {
    if (value > largest) {
      second = largest;
      largest = value;
    } else if (value > second && value !== largest) {
      second = value;
    }
  }
  return second;
}
