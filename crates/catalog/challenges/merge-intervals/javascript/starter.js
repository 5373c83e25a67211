/**
 * Returns the merged intervals, sorted by start.
 *
 * @param {number[][]} intervals pairs [start, end]
 * @returns {number[][]} pairs [start, end]
 */
function mergeIntervals(intervals) {
  // Write your solution here.
  return null;
}
