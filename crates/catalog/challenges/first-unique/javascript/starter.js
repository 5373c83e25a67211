/**
 * Returns the position of the first letter that occurs exactly once.
 *
 * @param {string} text
 * @returns {number} -1 if there is no such letter
 */
function firstUnique(text) {
  // Write your solution here.
  return null;
}
