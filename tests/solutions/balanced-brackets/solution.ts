function isBalanced(text: string): boolean {
  const partners: Record<string, string> = { "(": ")", "[": "]", "{": "}" };
  const open: string[] = [];
  for (const c of text) {
    if (c in partners) open.push(partners[c]);
    else if (")]}".includes(c) && open.pop() !== c) return false;
  }
  return open.length === 0;
}
