// Begins again for every left end: quadratic time.
function smallestWindow(text, needed) {
  let best = "";
  for (let start = 0; start < text.length; start++) {
    const lacking = new Map();
    for (const letter of needed) {
      lacking.set(letter, (lacking.get(letter) ?? 0) + 1);
    }
    let missing = needed.length;
    for (let end = start; end < text.length && missing > 0; end++) {
      const lack = lacking.get(text[end]) ?? 0;
      if (lack > 0) {
        missing -= 1;
      }
      lacking.set(text[end], lack - 1);
      if (missing === 0 && (best === "" || end + 1 - start < best.length)) {
        best = text.slice(start, end + 1);
      }
    }
  }
  return best;
}
