/** Returns the number of ways to place size queens on the board. */
function queensCount(size, worn) {
  const blocked = Array.from({ length: size }, () => new Array(size).fill(false));
  for (const [row, column] of worn) {
    blocked[row][column] = true;
  }
  const columns = new Array(size).fill(false);
  const falling = new Array(2 * size).fill(false);
  const rising = new Array(2 * size).fill(false);

  function ways(row) {
    if (row === size) {
      return 1;
    }
    let total = 0;
    for (let column = 0; column < size; column++) {
      const down = row - column + size;
      const up = row + column;
      if (blocked[row][column] || columns[column] || falling[down] || rising[up]) {
        continue;
      }
      columns[column] = falling[down] = rising[up] = true;
      total += ways(row + 1);
      columns[column] = falling[down] = rising[up] = false;
    }
    return total;
  }

  return ways(0);
}
