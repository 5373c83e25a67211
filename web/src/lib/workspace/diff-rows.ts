/** Two long answers side by side: texts line by line, lists element by element, with what is equal in between folded away. */
import { diff, kept, type Part } from "./diff";

export interface DiffRow {
  /** From 1 for lines, from 0 for elements; nothing where that side has none. */
  left: number | null;
  right: number | null;
  expected: Part[] | null;
  actual: Part[] | null;
  changed: boolean;
}

export interface Fold {
  /** So many equal rows are not shown. */
  folded: number;
}

export interface DiffRows {
  unit: "line" | "element";
  rows: (DiffRow | Fold)[];
}

/** Equal rows that are shown around a difference. */
const CONTEXT = 2;
/** Answers with fewer rows, or lists that are that short, are read at a glance as they are. */
const LEAST = { line: 4, element: 9 };
const GLANCE = 60;
/** Rows that are shown at most. */
const MOST = 200;

/** Rows for two answers that are long enough to need them. */
export function diffRows(expected: string, actual: string): DiffRows | null {
  const lists = [elements(expected), elements(actual)] as const;
  if (lists[0] && lists[1]) return of("element", lists[0], lists[1], 0);
  if (lists[0] !== null || !/\n./s.test(expected + actual)) return null;
  return of("line", lines(expected), lines(actual), 1);
}

function of(unit: DiffRows["unit"], left: string[], right: string[], from: number): DiffRows | null {
  const most = Math.max(left.length, right.length);
  const isLong = unit === "element" && Math.max(width(left), width(right)) > GLANCE;
  if (most < LEAST[unit] && !(isLong && most > 1)) return null;
  const same = kept(left, right);
  if (!same) return null;
  return { unit, rows: fold(aligned(left, right, same, from)).slice(0, MOST) };
}

function width(texts: string[]): number {
  return texts.reduce((sum, text) => sum + text.length + 2, 0);
}

/** The elements of a list as the server writes it, one text each; nothing when it is no list, or cut. */
function elements(text: string): string[] | null {
  if (!text.startsWith("[")) return null;
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value.map((element) => JSON.stringify(element)) : null;
  } catch {
    return null;
  }
}

/** With their ends, so that a missing one is seen. */
function lines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function aligned(
  left: string[],
  right: string[],
  same: { left: Set<number>; right: Set<number> },
  from: number,
): DiffRow[] {
  const rows: DiffRow[] = [];
  let i = 0;
  let j = 0;
  while (i < left.length || j < right.length) {
    const hasLeft = i < left.length && !same.left.has(i);
    const hasRight = j < right.length && !same.right.has(j);
    const both = hasLeft && hasRight;
    const expected = left[i] ?? "";
    const actual = right[j] ?? "";
    if (both) rows.push({ left: from + i++, right: from + j++, ...diff(expected, actual), changed: true });
    else if (hasLeft) rows.push(alone({ left: from + i++, expected: whole(expected, true) }));
    else if (hasRight) rows.push(alone({ right: from + j++, actual: whole(actual, true) }));
    else {
      const parts = whole(expected, false);
      rows.push({ left: from + i++, right: from + j++, expected: parts, actual: parts, changed: false });
    }
  }
  return rows;
}

function whole(text: string, changed: boolean): Part[] {
  return [{ text, changed }];
}

function alone(row: Partial<DiffRow>): DiffRow {
  return { left: null, right: null, expected: null, actual: null, changed: true, ...row };
}

function fold(rows: DiffRow[]): (DiffRow | Fold)[] {
  const near = rows.map((_, n) =>
    rows.slice(Math.max(0, n - CONTEXT), n + CONTEXT + 1).some((row) => row.changed),
  );
  const result: (DiffRow | Fold)[] = [];
  rows.forEach((row, n) => {
    const last = result.at(-1);
    if (near[n]) result.push(row);
    else if (last && "folded" in last) last.folded += 1;
    else result.push({ folded: 1 });
  });
  return result;
}
