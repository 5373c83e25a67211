/** Returns the maximum of each window of size neighbouring readings. */
function windowMaximum(readings, size) {
  const candidates = [];
  let front = 0;
  const result = [];
  readings.forEach((reading, i) => {
    while (candidates.length > front && readings[candidates.at(-1)] <= reading) {
      candidates.pop();
    }
    candidates.push(i);
    if (candidates[front] <= i - size) {
      front += 1;
    }
    if (i >= size - 1) {
      result.push(readings[candidates[front]]);
    }
  });
  return result;
}
