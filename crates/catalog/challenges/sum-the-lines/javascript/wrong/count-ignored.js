// Ignores the count and takes the empty piece after the last newline for one more customer.
const lines = require("fs").readFileSync(0, "utf8").split("\n");

let total = 0;
for (const line of lines.slice(1)) {
  const sum = line.split(" ").reduce((a, b) => a + Number(b), 0);
  console.log(sum);
  total += sum;
}
console.log(`total ${total}`);
