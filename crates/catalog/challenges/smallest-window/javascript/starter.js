/**
 * Returns the shortest piece of text that holds all letters of needed.
 *
 * @param {string} text
 * @param {string} needed
 * @returns {string}
 */
function smallestWindow(text, needed) {
  return undefined;
}
