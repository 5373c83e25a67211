// Looks at every reading of every window: too slow for long lists.
function windowMaximum(readings, size) {
  const result = [];
  for (let start = 0; start + size <= readings.length; start++) {
    result.push(Math.max(...readings.slice(start, start + size)));
  }
  return result;
}
