function pairSum(numbers, target) {
  const seen = new Map();
  for (const [position, number] of numbers.entries()) {
    const partner = target - number;
    if (seen.has(partner)) {
      return [seen.get(partner), position];
    }
    seen.set(number, position);
  }
  return [];
}
