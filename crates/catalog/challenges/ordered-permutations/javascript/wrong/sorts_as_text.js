// sort() without a comparison orders numbers as text: 10 comes before 9.
function orderedPermutations(values) {
  if (values.length === 0) {
    return [[]];
  }
  const ordered = [...values].sort();
  const result = [];
  ordered.forEach((value, i) => {
    if (i > 0 && value === ordered[i - 1]) {
      return;
    }
    const rest = ordered.filter((_, j) => j !== i);
    for (const row of orderedPermutations(rest)) {
      result.push([value, ...row]);
    }
  });
  return result;
}
