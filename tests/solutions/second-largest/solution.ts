function secondLargest(values: number[]): number | null {
  const sorted = [...new Set(values)].sort((a, b) => b - a);
  return sorted[1] ?? null;
}
