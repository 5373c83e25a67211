// Drives down first, so the spiral turns the other way round.
function spiralMatrix(grid) {
  const result = [];
  let rest = grid.map((row) => [...row]);
  while (rest.length > 0) {
    result.push(...rest.map((row) => row[0]));
    rest = rest.map((row) => row.slice(1));
    if (rest[0].length === 0) {
      break;
    }
    const columns = rest[0].map((_, c) => rest.map((row) => row[c]));
    rest = columns.map((column) => column.reverse());
  }
  return result;
}
