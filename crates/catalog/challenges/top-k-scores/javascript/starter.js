/**
 * Returns the names of the best players, the best one first.
 *
 * @param {string[]} names
 * @param {number[]} scores
 * @param {number} count
 * @returns {string[]}
 */
function topKScores(names, scores, count) {
  return undefined;
}
