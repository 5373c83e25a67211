// Counts exchanging two neighbouring letters as one step.
function editDistance(first, second) {
  const table = [];
  for (let i = 0; i <= first.length; i++) {
    table.push([i]);
    for (let j = 1; j <= second.length; j++) {
      if (i === 0) {
        table[0].push(j);
        continue;
      }
      const cost = first[i - 1] === second[j - 1] ? 0 : 1;
      let best = Math.min(
        table[i - 1][j - 1] + cost,
        table[i - 1][j] + 1,
        table[i][j - 1] + 1,
      );
      if (i > 1 && j > 1 && first[i - 1] === second[j - 2] && first[i - 2] === second[j - 1]) {
        best = Math.min(best, table[i - 2][j - 2] + 1);
      }
      table[i].push(best);
    }
  }
  return table[first.length][second.length];
}
