/**
 * Returns all different arrangements of values in ascending order.
 *
 * @param {number[]} values
 * @returns {number[][]}
 */
function orderedPermutations(values) {
  return undefined;
}
