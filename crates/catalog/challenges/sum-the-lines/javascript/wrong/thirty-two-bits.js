// Adds with "| 0", which keeps only 32 bits, so large sums overflow.
const lines = require("fs").readFileSync(0, "utf8").split("\n");

let total = 0;
for (let i = 1; i <= Number(lines[0]); i++) {
  let sum = 0;
  for (const word of lines[i].split(/\s+/)) {
    sum = (sum + Number(word)) | 0;
  }
  console.log(sum);
  total += sum;
}
console.log(`total ${total}`);
