/**
 * Returns the length of the longest rising selection.
 *
 * @param {number[]} values
 * @returns {number}
 */
function longestIncreasing(values) {
  // Write your solution here.
  return null;
}
