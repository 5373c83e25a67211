/**
 * Returns the smallest valid order of all courses.
 *
 * @param {number} count
 * @param {number[][]} pairs pairs [before, after]
 * @returns {number[]} empty if there is no valid order
 */
function courseOrder(count, pairs) {
  // Write your solution here.
  return null;
}
