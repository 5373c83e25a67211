// Does not check at the end whether some brackets are still open.
function isBalanced(text) {
  const partner = { ")": "(", "]": "[", "}": "{" };
  const stack = [];
  for (const char of text) {
    if ("([{".includes(char)) {
      stack.push(char);
    } else if (char in partner && stack.pop() !== partner[char]) {
      return false;
    }
  }
  return true;
}
