// Removes innermost pairs again and again, which takes quadratic time for deep nesting.
function isBalanced(text) {
  let rest = text.replace(/[^()[\]{}]/g, "");
  let previous = null;
  while (rest !== previous) {
    previous = rest;
    rest = rest.replaceAll("()", "").replaceAll("[]", "").replaceAll("{}", "");
  }
  return rest === "";
}
