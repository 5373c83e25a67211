// Turns the text into lower case first and never turns it back.
function caesarShift(text, shift) {
  const alphabet = "abcdefghijklmnopqrstuvwxyz";
  const places = ((shift % 26) + 26) % 26;
  return [...text.toLowerCase()]
    .map((char) => {
      const index = alphabet.indexOf(char);
      return index < 0 ? char : alphabet[(index + places) % 26];
    })
    .join("");
}
