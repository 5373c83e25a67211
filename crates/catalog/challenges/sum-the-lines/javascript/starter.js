const lines = require("fs").readFileSync(0, "utf8").split("\n");

// lines[0] is the number of customers as text, lines[1] the first customer's line.
// Write your solution here and print the results with console.log.
