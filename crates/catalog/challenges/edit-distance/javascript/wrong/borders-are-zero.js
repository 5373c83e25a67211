// Leaves zeros in the borders of the table, so letters at the beginning cost nothing.
function editDistance(first, second) {
  const table = Array.from({ length: first.length + 1 }, () =>
    new Array(second.length + 1).fill(0),
  );
  for (let i = 1; i <= first.length; i++) {
    for (let j = 1; j <= second.length; j++) {
      table[i][j] =
        first[i - 1] === second[j - 1]
          ? table[i - 1][j - 1]
          : 1 + Math.min(table[i - 1][j - 1], table[i - 1][j], table[i][j - 1]);
    }
  }
  return table[first.length][second.length];
}
