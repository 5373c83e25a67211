// A new largest value replaces the old one, which is then forgotten instead of becoming second.
function secondLargest(values) {
  let largest = null;
  let second = null;
  for (const value of values) {
    if (largest === null || value > largest) {
      largest = value;
    } else if (value < largest && (second === null || value > second)) {
      second = value;
    }
  }
  return second;
}
