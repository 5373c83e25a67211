/**
 * Returns "heat", "cool" or "rest".
 *
 * @param {number} reading
 * @param {number} low
 * @param {number} high
 * @returns {string}
 */
function thermostat(reading, low, high) {
  // Write your solution here.
  return null;
}
