/**
 * Returns the number of ways to place size queens on the board.
 *
 * @param {number} size
 * @param {number[][]} worn each element is [row, column]
 * @returns {number}
 */
function queensCount(size, worn) {
  return undefined;
}
