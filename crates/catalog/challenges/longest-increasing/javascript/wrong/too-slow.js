// Tries to take and to leave out each value, which takes exponential time.
function longestIncreasing(values, i = 0, last = -Infinity) {
  if (i === values.length) {
    return 0;
  }
  const leaveOut = longestIncreasing(values, i + 1, last);
  if (values[i] <= last) {
    return leaveOut;
  }
  return Math.max(leaveOut, 1 + longestIncreasing(values, i + 1, values[i]));
}
