/**
 * Returns the two positions whose numbers add up to target.
 *
 * @param {number[]} numbers
 * @param {number} target
 * @returns {number[]} two positions, the smaller one first
 */
function pairSum(numbers, target) {
  // Write your solution here.
  return null;
}
