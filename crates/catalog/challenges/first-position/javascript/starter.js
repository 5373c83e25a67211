/**
 * Returns the position of the first value equal to target, or -1.
 *
 * @param {number[]} values sorted
 * @param {number} target
 * @returns {number}
 */
function firstPosition(values, target) {
  return undefined;
}
