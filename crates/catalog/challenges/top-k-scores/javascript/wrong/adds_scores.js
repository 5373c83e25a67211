// Adds up the rounds of a player instead of taking the best one.
function topKScores(names, scores, count) {
  const total = new Map();
  names.forEach((name, i) => {
    total.set(name, (total.get(name) ?? 0) + scores[i]);
  });
  return [...total]
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .slice(0, count)
    .map(([name]) => name);
}
