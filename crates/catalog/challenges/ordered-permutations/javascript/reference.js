/** Returns all different arrangements of values in ascending order. */
function orderedPermutations(values) {
  const ordered = [...values].sort((a, b) => a - b);
  const used = ordered.map(() => false);
  const row = [];
  const result = [];

  function extend() {
    if (row.length === ordered.length) {
      result.push([...row]);
      return;
    }
    let previous = null;
    ordered.forEach((value, i) => {
      if (used[i] || value === previous) {
        return;
      }
      previous = value;
      used[i] = true;
      row.push(value);
      extend();
      row.pop();
      used[i] = false;
    });
  }

  extend();
  return result;
}
