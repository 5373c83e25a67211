const lines = require("fs").readFileSync(0, "utf8").split("\n");

const count = Number(lines[0]);
const output = [];
let total = 0;
for (const line of lines.slice(1, count + 1)) {
  const amounts = line.split(/\s+/).filter(Boolean).map(Number);
  const sum = amounts.reduce((a, b) => a + b, 0);
  output.push(sum);
  total += sum;
}
output.push(`total ${total}`);
console.log(output.join("\n"));
