/**
 * Returns the smallest number of steps that turn first into second.
 *
 * @param {string} first
 * @param {string} second
 * @returns {number}
 */
function editDistance(first, second) {
  // Write your solution here.
  return null;
}
