// Checks the falling diagonals but forgets the rising ones.
function queensCount(size, worn) {
  const blocked = new Set(worn.map(([row, column]) => `${row},${column}`));
  const columns = new Set();
  const diagonals = new Set();

  function ways(row) {
    if (row === size) {
      return 1;
    }
    let total = 0;
    for (let column = 0; column < size; column++) {
      const diagonal = row - column;
      if (blocked.has(`${row},${column}`) || columns.has(column) || diagonals.has(diagonal)) {
        continue;
      }
      columns.add(column);
      diagonals.add(diagonal);
      total += ways(row + 1);
      columns.delete(column);
      diagonals.delete(diagonal);
    }
    return total;
  }

  return ways(0);
}
