// Returns the later position first.
function pairSum(numbers, target) {
  const seen = new Map();
  for (let i = 0; i < numbers.length; i++) {
    if (seen.has(target - numbers[i])) {
      return [i, seen.get(target - numbers[i])];
    }
    seen.set(numbers[i], i);
  }
  return [];
}
