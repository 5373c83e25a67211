// Counts one depth for all kinds together, so any closing bracket fits any opening one.
function isBalanced(text) {
  let depth = 0;
  for (const char of text) {
    if ("([{".includes(char)) {
      depth++;
    } else if (")]}".includes(char)) {
      depth--;
      if (depth < 0) {
        return false;
      }
    }
  }
  return depth === 0;
}
