function editDistance(first, second) {
  let previous = Array.from({ length: second.length + 1 }, (_, j) => j);
  for (let i = 1; i <= first.length; i++) {
    const current = [i];
    for (let j = 1; j <= second.length; j++) {
      if (first[i - 1] === second[j - 1]) {
        current.push(previous[j - 1]);
      } else {
        current.push(1 + Math.min(previous[j - 1], previous[j], current[j - 1]));
      }
    }
    previous = current;
  }
  return previous[second.length];
}
