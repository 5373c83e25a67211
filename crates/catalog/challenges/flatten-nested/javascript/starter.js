/**
 * Returns all integers of a nested list in one flat list.
 *
 * @param {Array} items its elements are integers or arrays of the same sort
 * @returns {number[]}
 */
function flatten(items) {
  // Write your solution here.
  return null;
}
