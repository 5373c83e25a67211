/**
 * Returns the groups of anagrams in the order of their first words.
 *
 * @param {string[]} words
 * @returns {string[][]}
 */
function groupAnagrams(words) {
  // Write your solution here.
  return null;
}
