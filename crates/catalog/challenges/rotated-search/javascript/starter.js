/**
 * Returns the position of target in a rotated sorted list.
 *
 * @param {number[]} values all different
 * @param {number} target
 * @returns {number} -1 if target is not in the list
 */
function rotatedSearch(values, target) {
  // Write your solution here.
  return null;
}
