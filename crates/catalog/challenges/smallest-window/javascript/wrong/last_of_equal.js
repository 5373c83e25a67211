// Keeps the last of several equally short pieces instead of the first.
function smallestWindow(text, needed) {
  const lacking = new Map();
  for (const letter of needed) {
    lacking.set(letter, (lacking.get(letter) ?? 0) + 1);
  }
  let missing = needed.length;
  let best = "";
  let start = 0;
  for (let end = 0; end < text.length; end++) {
    const lack = lacking.get(text[end]) ?? 0;
    missing -= lack > 0 ? 1 : 0;
    lacking.set(text[end], lack - 1);
    while (missing === 0) {
      if (best === "" || end + 1 - start <= best.length) {
        best = text.slice(start, end + 1);
      }
      const first = lacking.get(text[start]) + 1;
      lacking.set(text[start], first);
      missing += first > 0 ? 1 : 0;
      start += 1;
    }
  }
  return best;
}
