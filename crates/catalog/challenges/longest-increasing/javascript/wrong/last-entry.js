// Returns the last entry of the table instead of the largest one.
function longestIncreasing(values) {
  const lengths = [];
  for (let i = 0; i < values.length; i++) {
    let longest = 0;
    for (let j = 0; j < i; j++) {
      if (values[j] < values[i]) {
        longest = Math.max(longest, lengths[j]);
      }
    }
    lengths.push(longest + 1);
  }
  return lengths.at(-1) ?? 0;
}
