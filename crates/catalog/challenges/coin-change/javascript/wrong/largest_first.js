// Always takes the largest coin that fits, which is not always best.
function coinChange(coins, amount) {
  let used = 0;
  let rest = amount;
  for (const coin of [...coins].sort((a, b) => b - a)) {
    used += Math.floor(rest / coin);
    rest %= coin;
  }
  return rest === 0 ? used : -1;
}
