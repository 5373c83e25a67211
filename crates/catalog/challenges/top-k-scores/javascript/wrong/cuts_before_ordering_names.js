// Orders equal players by name only after cutting, so the wrong ones may have been cut off.
function topKScores(names, scores, count) {
  const best = new Map();
  names.forEach((name, i) => {
    if (!best.has(name) || scores[i] > best.get(name)) {
      best.set(name, scores[i]);
    }
  });
  const chosen = [...best].sort((a, b) => b[1] - a[1]).slice(0, count);
  chosen.sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  return chosen.map(([name]) => name);
}
