/**
 * Returns the text with each letter moved forward by shift places.
 *
 * @param {string} text
 * @param {number} shift
 * @returns {string}
 */
function caesarShift(text, shift) {
  return undefined;
}
