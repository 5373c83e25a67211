// Saves the working list itself instead of a copy, so all entries are empty at the end.
function orderedPermutations(values) {
  const ordered = [...values].sort((a, b) => a - b);
  const used = ordered.map(() => false);
  const row = [];
  const result = [];

  function extend() {
    if (row.length === ordered.length) {
      result.push(row);
      return;
    }
    let previous = null;
    for (let i = 0; i < ordered.length; i++) {
      if (!used[i] && ordered[i] !== previous) {
        previous = ordered[i];
        used[i] = true;
        row.push(ordered[i]);
        extend();
        row.pop();
        used[i] = false;
      }
    }
  }

  extend();
  return result;
}
