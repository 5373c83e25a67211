// Searches the whole list again for every number, which takes quadratic time.
function pairSum(numbers, target) {
  for (let i = 0; i < numbers.length; i++) {
    const j = numbers.findIndex((other, k) => k > i && numbers[i] + other === target);
    if (j !== -1) {
      return [i, j];
    }
  }
  return [];
}
