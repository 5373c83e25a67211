// Sorts by the count only, so words with equal counts stay in the order of their first use.
const text = require("fs").readFileSync(0, "utf8");

const counts = new Map();
for (const word of text.toLowerCase().match(/[a-z]+/g) ?? []) {
  counts.set(word, (counts.get(word) ?? 0) + 1);
}
const ordered = [...counts].sort((a, b) => b[1] - a[1]);
for (const [word, count] of ordered) {
  console.log(`${word} ${count}`);
}
