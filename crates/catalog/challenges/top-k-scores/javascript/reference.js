/** Returns the names of the best players, the best one first. */
function topKScores(names, scores, count) {
  const best = new Map();
  names.forEach((name, i) => {
    if (!best.has(name) || scores[i] > best.get(name)) {
      best.set(name, scores[i]);
    }
  });
  const ordered = [...best].sort(([nameA, scoreA], [nameB, scoreB]) => {
    if (scoreA !== scoreB) {
      return scoreB - scoreA;
    }
    return nameA < nameB ? -1 : 1;
  });
  return ordered.slice(0, count).map(([name]) => name);
}
