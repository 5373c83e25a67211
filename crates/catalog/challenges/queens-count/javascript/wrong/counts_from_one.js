// Takes rows and columns of worn squares as counted from 1.
function queensCount(size, worn) {
  const blocked = new Set(worn.map(([row, column]) => `${row - 1},${column - 1}`));
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
      if (!attacked && !blocked.has(`${row},${column}`)) {
        queens.push(column);
        total += ways(row + 1);
        queens.pop();
      }
    }
    return total;
  }

  return ways(0);
}
