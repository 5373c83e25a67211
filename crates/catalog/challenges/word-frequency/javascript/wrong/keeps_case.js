// Finds upper case letters too, but counts "The" and "the" apart.
const text = require("fs").readFileSync(0, "utf8");

const counts = new Map();
for (const word of text.match(/[a-zA-Z]+/g) ?? []) {
  counts.set(word, (counts.get(word) ?? 0) + 1);
}
const ordered = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
for (const [word, count] of ordered) {
  console.log(`${word} ${count}`);
}
