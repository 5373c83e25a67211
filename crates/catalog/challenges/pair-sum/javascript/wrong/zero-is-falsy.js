// Tests the stored position for truth, so a partner at position 0 is never found.
function pairSum(numbers, target) {
  const seen = {};
  for (let i = 0; i < numbers.length; i++) {
    if (seen[target - numbers[i]]) {
      return [seen[target - numbers[i]], i];
    }
    seen[numbers[i]] = i;
  }
  return [];
}
