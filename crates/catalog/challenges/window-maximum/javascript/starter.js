/**
 * Returns the maximum of each window of size neighbouring readings.
 *
 * @param {number[]} readings
 * @param {number} size
 * @returns {number[]}
 */
function windowMaximum(readings, size) {
  return undefined;
}
