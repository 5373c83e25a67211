/** Returns the text with each letter moved forward by shift places. */
function caesarShift(text, shift) {
  const places = ((shift % 26) + 26) % 26;
  return text.replace(/[a-zA-Z]/g, (letter) => {
    const first = letter >= "a" ? 97 : 65;
    return String.fromCharCode(((letter.charCodeAt(0) - first + places) % 26) + first);
  });
}
