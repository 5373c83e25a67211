// Starts the search for an overlapping pair all over after every merge, which takes cubic time.
function mergeIntervals(intervals) {
  const blocks = intervals.map((interval) => [...interval]);

  const mergeOnePair = () => {
    for (let i = 0; i < blocks.length; i++) {
      for (let j = i + 1; j < blocks.length; j++) {
        const [a, b] = [blocks[i], blocks[j]];
        if (a[0] <= b[1] && b[0] <= a[1]) {
          blocks[i] = [Math.min(a[0], b[0]), Math.max(a[1], b[1])];
          blocks.splice(j, 1);
          return true;
        }
      }
    }
    return false;
  };

  while (mergeOnePair());
  return blocks.sort((a, b) => a[0] - b[0]);
}
