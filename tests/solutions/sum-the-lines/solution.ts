import { readFileSync } from "fs";

const lines: string[] = readFileSync(0, "utf8").split("\n");
const sums = lines.slice(1, Number(lines[0]) + 1).map((line) =>
  line
    .split(" ")
    .filter((word) => word !== "")
    .reduce((sum, word) => sum + Number(word), 0),
);
console.log([...sums, `total ${sums.reduce((a, b) => a + b, 0)}`].join("\n"));
