// Counts the whole text again at every position, which takes quadratic time.
function firstUnique(text) {
  const letters = [...text];
  return letters.findIndex(
    (letter) => letters.filter((other) => other === letter).length === 1,
  );
}
