// Compares the different letters only, not how often each of them is needed.
function smallestWindow(text, needed) {
  const wanted = new Set(needed);
  const counts = new Map();
  let best = "";
  let start = 0;
  for (let end = 0; end < text.length; end++) {
    if (wanted.has(text[end])) {
      counts.set(text[end], (counts.get(text[end]) ?? 0) + 1);
    }
    while (counts.size === wanted.size) {
      if (best === "" || end + 1 - start < best.length) {
        best = text.slice(start, end + 1);
      }
      const left = counts.get(text[start]);
      if (left === 1) {
        counts.delete(text[start]);
      } else if (left > 1) {
        counts.set(text[start], left - 1);
      }
      start += 1;
    }
  }
  return best;
}
