// Counts each letter in the whole text instead of in each run.
function runLength(text) {
  const counts = new Map();
  for (const letter of text) {
    counts.set(letter, (counts.get(letter) ?? 0) + 1);
  }
  return [...counts].map(([letter, count]) => letter + (count > 1 ? count : "")).join("");
}
