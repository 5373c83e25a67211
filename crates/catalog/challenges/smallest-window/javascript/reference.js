/** Returns the shortest piece of text that holds all letters of needed. */
function smallestWindow(text, needed) {
  const lacking = new Map();
  for (const letter of needed) {
    lacking.set(letter, (lacking.get(letter) ?? 0) + 1);
  }
  let missing = needed.length;
  let bestStart = 0;
  let bestLength = Infinity;
  let start = 0;
  for (let end = 0; end < text.length; end++) {
    const lack = lacking.get(text[end]);
    if (lack === undefined) {
      continue;
    }
    if (lack > 0) {
      missing -= 1;
    }
    lacking.set(text[end], lack - 1);
    while (missing === 0) {
      if (end + 1 - start < bestLength) {
        bestStart = start;
        bestLength = end + 1 - start;
      }
      const first = lacking.get(text[start]);
      if (first !== undefined) {
        lacking.set(text[start], first + 1);
        if (first === 0) {
          missing += 1;
        }
      }
      start += 1;
    }
  }
  return bestLength === Infinity ? "" : text.slice(bestStart, bestStart + bestLength);
}
