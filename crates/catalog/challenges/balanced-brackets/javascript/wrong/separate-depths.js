// Keeps one depth for each kind, so brackets of different kinds may cross.
function isBalanced(text) {
  return ["()", "[]", "{}"].every(([opening, closing]) => {
    let depth = 0;
    for (const char of text) {
      if (char === opening) {
        depth++;
      } else if (char === closing && --depth < 0) {
        return false;
      }
    }
    return depth === 0;
  });
}
