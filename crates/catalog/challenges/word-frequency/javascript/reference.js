const text = require("fs").readFileSync(0, "utf8");

const counts = new Map();
for (const word of text.toLowerCase().match(/[a-z]+/g) ?? []) {
  counts.set(word, (counts.get(word) ?? 0) + 1);
}

const ordered = [...counts].sort(([wordA, countA], [wordB, countB]) => {
  if (countA !== countB) {
    return countB - countA;
  }
  return wordA < wordB ? -1 : 1;
});

if (ordered.length > 0) {
  console.log(ordered.map(([word, count]) => `${word} ${count}`).join("\n"));
}
