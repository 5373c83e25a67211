/**
 * Returns the number of islands on the map.
 *
 * @param {string[]} grid "#" is land and "." is water
 * @returns {number}
 */
function countIslands(grid) {
  // Write your solution here.
  return null;
}
