/**
 * Returns the digital root of n.
 *
 * @param {number} n
 * @returns {number}
 */
function digitalRoot(n) {
  // Write your solution here.
  return null;
}
