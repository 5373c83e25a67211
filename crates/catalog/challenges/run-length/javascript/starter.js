/**
 * Returns the text with each run of equal letters packed.
 *
 * @param {string} text
 * @returns {string}
 */
function runLength(text) {
  return undefined;
}
