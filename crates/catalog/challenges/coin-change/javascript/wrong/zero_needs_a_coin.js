// Calls the amount 0 impossible.
function coinChange(coins, amount) {
  const fewest = new Array(amount + 1).fill(Infinity);
  fewest[0] = 0;
  for (let value = 1; value <= amount; value++) {
    for (const coin of coins) {
      if (coin <= value) {
        fewest[value] = Math.min(fewest[value], fewest[value - coin] + 1);
      }
    }
  }
  return fewest[amount] > 0 && fewest[amount] < Infinity ? fewest[amount] : -1;
}
