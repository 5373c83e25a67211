const text = require("fs").readFileSync(0, "utf8");

// Count the words of the text and print them, the most frequent first.
