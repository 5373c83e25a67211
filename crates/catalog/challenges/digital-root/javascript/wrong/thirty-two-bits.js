// Cuts the quotient with "| 0", which keeps only 32 bits and ruins large numbers.
function digitalRoot(n) {
  while (n > 9) {
    let total = 0;
    while (n > 0) {
      total += n % 10;
      n = (n / 10) | 0;
    }
    n = total;
  }
  return n;
}
