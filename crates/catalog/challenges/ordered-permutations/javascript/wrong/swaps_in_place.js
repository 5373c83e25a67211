// Swapping elements finds all arrangements, but not in the required order.
function orderedPermutations(values) {
  const row = [...values].sort((a, b) => a - b);
  const result = [];

  function extend(place) {
    if (place === row.length) {
      result.push([...row]);
      return;
    }
    const tried = new Set();
    for (let i = place; i < row.length; i++) {
      if (!tried.has(row[i])) {
        tried.add(row[i]);
        [row[place], row[i]] = [row[i], row[place]];
        extend(place + 1);
        [row[place], row[i]] = [row[i], row[place]];
      }
    }
  }

  extend(0);
  return result;
}
