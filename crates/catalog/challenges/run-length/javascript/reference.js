/** Returns the text with each run of equal letters packed. */
function runLength(text) {
  const parts = [];
  let start = 0;
  while (start < text.length) {
    let end = start;
    while (end < text.length && text[end] === text[start]) {
      end += 1;
    }
    const count = end - start;
    parts.push(count === 1 ? text[start] : `${text[start]}${count}`);
    start = end;
  }
  return parts.join("");
}
