// Decides at the first difference by looking one letter ahead, and never changes its mind.
function editDistance(first, second) {
  let i = 0;
  let j = 0;
  let steps = 0;
  while (i < first.length && j < second.length) {
    if (first[i] === second[j]) {
      i++;
      j++;
    } else {
      steps++;
      if (first[i + 1] === second[j]) {
        i++;
      } else if (first[i] === second[j + 1]) {
        j++;
      } else {
        i++;
        j++;
      }
    }
  }
  return steps + (first.length - i) + (second.length - j);
}
