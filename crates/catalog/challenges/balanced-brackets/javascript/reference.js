const partner = { ")": "(", "]": "[", "}": "{" };

function isBalanced(text) {
  const open = [];
  for (const char of text) {
    if ("([{".includes(char)) {
      open.push(char);
    } else if (")]}".includes(char) && open.pop() !== partner[char]) {
      return false;
    }
  }
  return open.length === 0;
}
