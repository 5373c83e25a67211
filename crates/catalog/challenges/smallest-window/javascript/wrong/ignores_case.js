// Takes upper and lower case for the same letter.
function smallestWindow(text, needed) {
  const lacking = new Map();
  for (const letter of needed.toLowerCase()) {
    lacking.set(letter, (lacking.get(letter) ?? 0) + 1);
  }
  const lower = text.toLowerCase();
  let missing = needed.length;
  let best = "";
  let start = 0;
  for (let end = 0; end < lower.length; end++) {
    const lack = lacking.get(lower[end]) ?? 0;
    missing -= lack > 0 ? 1 : 0;
    lacking.set(lower[end], lack - 1);
    while (missing === 0) {
      if (best === "" || end + 1 - start < best.length) {
        best = text.slice(start, end + 1);
      }
      const first = lacking.get(lower[start]) + 1;
      lacking.set(lower[start], first);
      missing += first > 0 ? 1 : 0;
      start += 1;
    }
  }
  return best;
}
