// The pattern matches at most 9 equal letters, so a longer run is split.
function runLength(text) {
  return text.replace(/(.)\1{1,8}/g, (run, letter) => letter + run.length);
}
