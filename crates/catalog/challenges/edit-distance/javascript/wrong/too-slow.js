// Plain recursion answers the same questions again and again, which takes exponential time.
function editDistance(first, second, i = first.length, j = second.length) {
  if (i === 0 || j === 0) {
    return i + j;
  }
  if (first[i - 1] === second[j - 1]) {
    return editDistance(first, second, i - 1, j - 1);
  }
  return (
    1 +
    Math.min(
      editDistance(first, second, i - 1, j - 1),
      editDistance(first, second, i - 1, j),
      editDistance(first, second, i, j - 1),
    )
  );
}
