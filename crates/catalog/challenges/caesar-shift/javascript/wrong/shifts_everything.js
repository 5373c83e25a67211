// Moves every character that is not a space, also digits and punctuation.
function caesarShift(text, shift) {
  const places = ((shift % 26) + 26) % 26;
  return [...text]
    .map((char) => {
      if (char === " ") {
        return char;
      }
      const first = char >= "a" ? 97 : 65;
      const number = (char.charCodeAt(0) - first + places) % 26;
      return String.fromCharCode(number + first);
    })
    .join("");
}
