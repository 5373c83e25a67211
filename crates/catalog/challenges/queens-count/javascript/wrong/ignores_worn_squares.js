// Counts the ways on a board in good condition.
function queensCount(size, worn) {
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
      if (!attacked) {
        queens.push(column);
        total += ways(row + 1);
        queens.pop();
      }
    }
    return total;
  }

  return ways(0);
}
