/**
 * Returns true if all brackets in text are closed properly.
 *
 * @param {string} text
 * @returns {boolean}
 */
function isBalanced(text) {
  // Write your solution here.
  return null;
}
