// Sorts without a comparison function, which orders the numbers as text.
function mergeIntervals(intervals) {
  const merged = [];
  for (const [start, end] of [...intervals].sort()) {
    const last = merged.at(-1);
    if (last && start <= last[1]) {
      last[1] = Math.max(last[1], end);
    } else {
      merged.push([start, end]);
    }
  }
  return merged;
}
