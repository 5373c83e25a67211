// Compares each word with every group, which takes quadratic time.
function groupAnagrams(words) {
  const isAnagram = (a, b) => [...a].sort().join("") === [...b].sort().join("");
  const groups = [];
  for (const word of words) {
    const group = groups.find((candidate) => isAnagram(candidate[0], word));
    if (group) {
      group.push(word);
    } else {
      groups.push([word]);
    }
  }
  return groups;
}
