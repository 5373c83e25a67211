/**
 * Returns the smallest number of coins that add up to amount, or -1.
 *
 * @param {number[]} coins
 * @param {number} amount
 * @returns {number}
 */
function coinChange(coins, amount) {
  return undefined;
}
