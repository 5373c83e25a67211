// Keeps a reading one step too long: the window is one place too wide.
function windowMaximum(readings, size) {
  const queue = [];
  let front = 0;
  const result = [];
  for (let i = 0; i < readings.length; i++) {
    while (queue.length > front && readings[queue[queue.length - 1]] <= readings[i]) {
      queue.pop();
    }
    queue.push(i);
    if (i - queue[front] > size) {
      front += 1;
    }
    if (i >= size - 1) {
      result.push(readings[queue[front]]);
    }
  }
  return result;
}
