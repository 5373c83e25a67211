/** Where the rows of a long list lie, so that only those in sight need to be drawn. */

/** The top of every row, and behind them the end of the last. In pixels. */
export function topsOf(heights: readonly number[]): Float64Array {
  const tops = new Float64Array(heights.length + 1);
  for (const [index, height] of heights.entries()) tops[index + 1] = (tops[index] ?? 0) + height;
  return tops;
}

/** The row that lies at `y`; the first or the last one for what is outside. */
export function rowAt(tops: Float64Array, y: number): number {
  let low = 0;
  let high = Math.max(0, tops.length - 2);
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((tops[middle] ?? 0) <= y) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** How far a view of `height` is scrolled when a row is in its middle. */
export function centred(tops: Float64Array, row: number, height: number): number {
  const [top = 0, end = top] = [tops[row], tops[row + 1]];
  const most = Math.max(0, (tops.at(-1) ?? 0) - height);
  return Math.min(most, Math.max(0, (top + end - height) / 2));
}
