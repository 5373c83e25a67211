// Collects the words of a group in a set, so a repeated word is kept only once.
function groupAnagrams(words) {
  const groups = {};
  for (const word of words) {
    const key = [...word].sort().join("");
    groups[key] = (groups[key] ?? new Set()).add(word);
  }
  return Object.values(groups).map((group) => [...group]);
}
