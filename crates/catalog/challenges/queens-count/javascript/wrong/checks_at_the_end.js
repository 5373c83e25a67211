// Places one queen in each row without looking and checks the whole board only at the end.
function queensCount(size, worn) {
  const columns = [];

  function isValid() {
    for (let a = 0; a < size; a++) {
      if (worn.some(([row, column]) => row === a && column === columns[a])) {
        return false;
      }
      for (let b = 0; b < a; b++) {
        const distance = Math.abs(columns[a] - columns[b]);
        if (distance === 0 || distance === a - b) {
          return false;
        }
      }
    }
    return true;
  }

  function ways(row) {
    if (row === size) {
      return isValid() ? 1 : 0;
    }
    let total = 0;
    for (let column = 0; column < size; column++) {
      columns[row] = column;
      total += ways(row + 1);
    }
    return total;
  }

  return ways(0);
}
