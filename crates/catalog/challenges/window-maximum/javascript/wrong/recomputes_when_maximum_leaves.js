// Looks at the whole window whenever the maximum leaves it, which may be in every step.
function windowMaximum(readings, size) {
  const maximum = (part) => part.reduce((a, b) => Math.max(a, b));
  let highest = maximum(readings.slice(0, size));
  const result = [highest];
  for (let end = size; end < readings.length; end++) {
    if (readings[end] >= highest) {
      highest = readings[end];
    } else if (readings[end - size] === highest) {
      highest = maximum(readings.slice(end - size + 1, end + 1));
    }
    result.push(highest);
  }
  return result;
}
