/**
 * Returns the numbers of the grid in the order of the mower's way.
 *
 * @param {number[][]} grid
 * @returns {number[]}
 */
function spiralMatrix(grid) {
  return undefined;
}
