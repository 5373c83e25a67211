// sort() without a comparison orders numbers as text: 10 comes before 9.
function secondLargest(values) {
  const ordered = [...new Set(values)].sort();
  return ordered.length < 2 ? null : ordered[ordered.length - 2];
}
