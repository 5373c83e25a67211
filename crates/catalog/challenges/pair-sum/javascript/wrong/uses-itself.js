// Fills the map first and does not check that the partner is at another position.
function pairSum(numbers, target) {
  const positions = new Map(numbers.map((number, i) => [number, i]));
  for (let i = 0; i < numbers.length; i++) {
    const j = positions.get(target - numbers[i]);
    if (j !== undefined) {
      return [Math.min(i, j), Math.max(i, j)];
    }
  }
  return [];
}
