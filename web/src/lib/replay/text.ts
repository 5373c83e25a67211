/**
 * A text of which every unit knows its author, made for many small changes and cheap copies.
 *
 * It is a list of short leaves, none of which ever changes: a copy is a copy of the list, so a recording can keep hundreds of them.
 */
import type { Splice } from "./wire";

export interface Leaf {
  readonly text: string;
  /** An author's number; see `Recording`. */
  readonly who: number;
}

/** Units side by side that one person wrote. */
export interface Run {
  who: number;
  length: number;
}

/** A part of a text and what takes its place. */
export interface Difference {
  from: number;
  to: number;
  insert: string;
}

/** Short enough to be cut cheaply, long enough that a long text has few. */
const LEAF = 512;

export class AuthoredText {
  #leaves: Leaf[];
  length: number;

  constructor(leaves: readonly Leaf[] = []) {
    this.#leaves = leaves.slice();
    this.length = leaves.reduce((sum, { text }) => sum + text.length, 0);
  }

  static of(text: string, who: number): AuthoredText {
    return new AuthoredText(leavesOf(text, who));
  }

  /** As it is now; later changes do not reach it. */
  leaves(): readonly Leaf[] {
    return this.#leaves.slice();
  }

  /** Places outside of the text count as its end. */
  splice({ at, delete: gone, insert }: Splice, who: number): void {
    const from = Math.min(Math.max(0, at), this.length);
    const to = Math.min(from + Math.max(0, gone), this.length);
    const [first, before] = this.#find(from);
    const [last, after] = this.#find(to, first, from - before);
    // The leaf before takes part, too: typing goes on where it ends.
    const start = before === 0 && first > 0 ? first - 1 : first;
    const put: Leaf[] = [];
    const head = this.#leaves[start];
    if (head) join(put, start < first ? head : cut(head, 0, before));
    for (const leaf of leavesOf(insert, who)) join(put, leaf);
    const tail = this.#leaves[last];
    if (tail) join(put, cut(tail, after));
    this.#leaves.splice(start, last + 1 - start, ...put);
    this.length += insert.length - (to - from);
  }

  toString(): string {
    return this.#leaves.map(({ text }) => text).join("");
  }

  runs(): Run[] {
    const runs: Run[] = [];
    for (const { text, who } of this.#leaves) {
      const last = runs.at(-1);
      if (last?.who === who) last.length += text.length;
      else runs.push({ who, length: text.length });
    }
    return runs;
  }

  /** The leaf in which a place lies and the place in it; behind the last leaf for the end. */
  #find(place: number, leaf = 0, start = 0): [leaf: number, inside: number] {
    let index = leaf;
    let at = start;
    for (; index < this.#leaves.length; index += 1) {
      const { length } = this.#leaves[index]?.text ?? "";
      if (place < at + length) return [index, place - at];
      at += length;
    }
    return [index, 0];
  }
}

/**
 * What leads from one text to another of the same recording, in order, with places of the first. A leaf that both have was not
 * written in between: this costs what differs, and everything else stays as it is, however far the two lie apart.
 */
export function differences(before: readonly Leaf[], after: readonly Leaf[]): Difference[] {
  const kept = new Map(before.map((leaf, index) => [leaf, index]));
  const found: Difference[] = [];
  let place = 0;
  let next = 0;
  let written = "";
  const upTo = (index: number) => {
    let gone = "";
    for (; next < index; next += 1) gone += before[next]?.text ?? "";
    if (gone !== written) found.push(trimmed(place, gone, written));
    place += gone.length;
    written = "";
  };
  for (const leaf of after) {
    const index = kept.get(leaf) ?? -1;
    if (index < next) written += leaf.text;
    else {
      upTo(index);
      place += leaf.text.length;
      next = index + 1;
    }
  }
  upTo(before.length);
  return found;
}

/** Without what both begin and end with. */
function trimmed(place: number, gone: string, written: string): Difference {
  const most = Math.min(gone.length, written.length);
  let start = 0;
  while (start < most && gone[start] === written[start]) start += 1;
  let end = 0;
  while (end < most - start && gone.at(-1 - end) === written.at(-1 - end)) end += 1;
  return {
    from: place + start,
    to: place + gone.length - end,
    insert: written.slice(start, written.length - end),
  };
}

const cut = ({ text, who }: Leaf, from: number, to?: number): Leaf => ({ text: text.slice(from, to), who });

function join(leaves: Leaf[], leaf: Leaf): void {
  if (leaf.text === "") return;
  const last = leaves.at(-1);
  const fits = last?.who === leaf.who && last.text.length + leaf.text.length <= LEAF;
  if (last && fits) leaves[leaves.length - 1] = { text: last.text + leaf.text, who: leaf.who };
  else leaves.push(leaf);
}

function leavesOf(text: string, who: number): Leaf[] {
  const leaves: Leaf[] = [];
  for (let at = 0; at < text.length; at += LEAF) leaves.push({ text: text.slice(at, at + LEAF), who });
  return leaves;
}
