/**
 * Returns the second largest different value, or null if there is none.
 *
 * @param {number[]} values
 * @returns {number|null}
 */
function secondLargest(values) {
  return undefined;
}
