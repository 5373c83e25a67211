/** Marks where an actual answer differs from the expected one. */

export interface Part {
  text: string;
  changed: boolean;
}

export interface Diff {
  expected: Part[];
  actual: Part[];
}

/** Beyond this many table cells the diff is no help to the eye and costs too much; the ends are then compared only. */
const MAX_CELLS = 250_000;

export function diff(expected: string, actual: string): Diff {
  const left = tokens(expected);
  const right = tokens(actual);
  const start = commonStart(left, right);
  const end = commonEnd(left, right, start);
  const leftMiddle = left.slice(start, left.length - end);
  const rightMiddle = right.slice(start, right.length - end);
  const kept = longestCommon(leftMiddle, rightMiddle);
  const head = left.slice(0, start);
  const tail = left.slice(left.length - end);
  return {
    expected: parts(head, leftMiddle, kept?.left, tail),
    actual: parts(head, rightMiddle, kept?.right, tail),
  };
}

/** Words and numbers stay whole, every other character stands alone: `[0, 12]` against `[0, 13]` marks `12`. */
export function tokens(text: string): string[] {
  return text.match(/[\p{L}\p{N}_]+|[^\p{L}\p{N}_]/gsu) ?? [];
}

function commonStart(left: string[], right: string[]): number {
  let n = 0;
  while (n < left.length && n < right.length && left[n] === right[n]) n += 1;
  return n;
}

function commonEnd(left: string[], right: string[], start: number): number {
  let n = 0;
  const most = Math.min(left.length, right.length) - start;
  while (n < most && left[left.length - 1 - n] === right[right.length - 1 - n]) n += 1;
  return n;
}

/** Which of two lists' items are the same, in order; nothing when the lists are too long to be compared. */
export function kept(left: string[], right: string[]): { left: Set<number>; right: Set<number> } | null {
  const start = commonStart(left, right);
  const end = commonEnd(left, right, start);
  const middle = longestCommon(left.slice(start, left.length - end), right.slice(start, right.length - end));
  if (!middle) return null;
  const all = (length: number, inner: Set<number>) =>
    new Set([
      ...Array(start).keys(),
      ...[...inner].map((index) => index + start),
      ...[...Array(end).keys()].map((index) => length - 1 - index),
    ]);
  return { left: all(left.length, middle.left), right: all(right.length, middle.right) };
}

/** Indices of a longest common subsequence on both sides, or nothing when the texts are too long for the table. */
function longestCommon(left: string[], right: string[]): { left: Set<number>; right: Set<number> } | null {
  const width = right.length + 1;
  if ((left.length + 1) * width > MAX_CELLS) return null;
  const table = lengths(left, right, width);
  const kept = { left: new Set<number>(), right: new Set<number>() };
  let i = 0;
  let j = 0;
  while (i < left.length && j < right.length) {
    if (left[i] === right[j]) {
      kept.left.add(i++);
      kept.right.add(j++);
    } else if ((table[(i + 1) * width + j] ?? 0) >= (table[i * width + j + 1] ?? 0)) i += 1;
    else j += 1;
  }
  return kept;
}

function lengths(left: string[], right: string[], width: number): Uint16Array {
  const table = new Uint16Array((left.length + 1) * width);
  for (let i = left.length - 1; i >= 0; i -= 1) {
    for (let j = right.length - 1; j >= 0; j -= 1) {
      const below = table[(i + 1) * width + j] ?? 0;
      const beside = table[i * width + j + 1] ?? 0;
      const both = (table[(i + 1) * width + j + 1] ?? 0) + 1;
      table[i * width + j] = left[i] === right[j] ? both : Math.max(below, beside);
    }
  }
  return table;
}

function parts(head: string[], middle: string[], kept: Set<number> | undefined, tail: string[]): Part[] {
  const result: Part[] = [];
  for (const text of head) push(result, text, false);
  middle.forEach((text, index) => {
    push(result, text, !kept?.has(index));
  });
  for (const text of tail) push(result, text, false);
  return result;
}

function push(list: Part[], text: string, changed: boolean): void {
  const last = list.at(-1);
  if (last?.changed === changed) last.text += text;
  else list.push({ text, changed });
}
