/** What is wrong with a guest's name, in words; nothing when it will do. The server has the last word. */
export function nameProblem(name: string): string | null {
  if (name === "") return "Enter a name; one letter is enough.";
  if (Array.from(name).length > 32) return "Use at most 32 characters.";
  if (/ {2}/.test(name)) return "Use single spaces only.";
  const odd = Array.from(name).find((char) => !/[\p{L}\p{M}\p{Nd} _\-.']/u.test(char));
  return odd === undefined
    ? null
    : `“${odd}” cannot be part of a name. Letters, digits, spaces and _ - . ' are fine.`;
}
