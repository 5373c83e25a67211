// Treats the position 0 as "nothing found", because 0 is falsy.
function firstUnique(text) {
  const counts = {};
  for (const letter of text) {
    counts[letter] = (counts[letter] || 0) + 1;
  }
  const letter = Object.keys(counts).find((key) => counts[key] === 1);
  return (letter && text.indexOf(letter)) || -1;
}
