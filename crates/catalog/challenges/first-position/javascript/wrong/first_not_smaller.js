// Returns the first value that is not smaller, also when it is not the target.
function firstPosition(values, target) {
  return values.findIndex((value) => value >= target);
}
