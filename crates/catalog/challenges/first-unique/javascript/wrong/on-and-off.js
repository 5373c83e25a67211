// Takes a letter out of the set when it is seen again and puts it back the third time.
function firstUnique(text) {
  const single = new Set();
  for (const letter of text) {
    if (single.has(letter)) {
      single.delete(letter);
    } else {
      single.add(letter);
    }
  }
  return [...text].findIndex((letter) => single.has(letter));
}
