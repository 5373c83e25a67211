/** Returns the smallest number of coins that add up to amount, or -1. */
function coinChange(coins, amount) {
  const fewest = new Array(amount + 1).fill(Infinity);
  fewest[0] = 0;
  for (const coin of coins) {
    for (let value = coin; value <= amount; value++) {
      fewest[value] = Math.min(fewest[value], fewest[value - coin] + 1);
    }
  }
  return fewest[amount] === Infinity ? -1 : fewest[amount];
}
