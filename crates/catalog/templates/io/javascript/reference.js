const words = require("fs").readFileSync(0, "utf8").split(/\s+/).filter(Boolean);
const even = words.map(Number).filter((number) => number % 2 === 0);
console.log(even.reduce((sum, number) => sum + number, 0));
