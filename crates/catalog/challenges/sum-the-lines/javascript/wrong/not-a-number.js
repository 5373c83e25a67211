// Calls parseInt on the empty piece of an empty line, which gives NaN.
const lines = require("fs").readFileSync(0, "utf8").split("\n");

let total = 0;
for (const line of lines.slice(1, Number(lines[0]) + 1)) {
  const sum = line
    .split(/ +/)
    .map((word) => parseInt(word, 10))
    .reduce((a, b) => a + b, 0);
  console.log(sum);
  total += sum;
}
console.log(`total ${total}`);
