// Sorts rounds instead of players, so one player can be read out several times.
function topKScores(names, scores, count) {
  const rounds = names.map((name, i) => ({ name, score: scores[i] }));
  rounds.sort((a, b) => b.score - a.score || (a.name < b.name ? -1 : 1));
  return rounds.slice(0, count).map((round) => round.name);
}
