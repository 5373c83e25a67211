// Runs through the amounts from high to low, so each coin can be used only once.
function coinChange(coins, amount) {
  const fewest = new Array(amount + 1).fill(Infinity);
  fewest[0] = 0;
  for (const coin of coins) {
    for (let value = amount; value >= coin; value--) {
      fewest[value] = Math.min(fewest[value], fewest[value - coin] + 1);
    }
  }
  return fewest[amount] === Infinity ? -1 : fewest[amount];
}
