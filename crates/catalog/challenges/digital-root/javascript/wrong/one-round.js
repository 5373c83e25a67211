// Adds up the digits only once, so the result can have more than one digit.
function digitalRoot(n) {
  return [...String(n)].reduce((total, digit) => total + Number(digit), 0);
}
