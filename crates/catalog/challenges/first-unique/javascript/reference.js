function firstUnique(text) {
  const counts = new Map();
  for (const letter of text) {
    counts.set(letter, (counts.get(letter) ?? 0) + 1);
  }
  for (let position = 0; position < text.length; position++) {
    if (counts.get(text[position]) === 1) {
      return position;
    }
  }
  return -1;
}
