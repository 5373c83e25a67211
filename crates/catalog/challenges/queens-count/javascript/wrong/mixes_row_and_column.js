// Reads a worn square as [column, row].
function queensCount(size, worn) {
  const blocked = new Set(worn.map(([column, row]) => row * size + column));
  const queens = [];

  function ways(row) {
    if (row === size) {
      return 1;
    }
    let total = 0;
    for (let column = 0; column < size; column++) {
      const attacked = queens.some(
        (other, i) => other === column || Math.abs(other - column) === row - i,
      );
      if (!attacked && !blocked.has(row * size + column)) {
        queens.push(column);
        total += ways(row + 1);
        queens.pop();
      }
    }
    return total;
  }

  return ways(0);
}
