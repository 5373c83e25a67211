// Merges each interval into the first block it meets, so a late interval cannot join two blocks.
function mergeIntervals(intervals) {
  const merged = [];
  for (const [start, end] of intervals) {
    const block = merged.find((other) => start <= other[1] && other[0] <= end);
    if (block) {
      block[0] = Math.min(block[0], start);
      block[1] = Math.max(block[1], end);
    } else {
      merged.push([start, end]);
    }
  }
  return merged.sort((a, b) => a[0] - b[0]);
}
