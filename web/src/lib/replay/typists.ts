/** For tests: recordings of people who never lived, and the plainest thing that could be right. */
import type { ReplayEntry, Splice } from "./wire";

/** A string, and beside it who wrote each unit. */
export class Naive {
  text = "";
  authors: (string | null)[] = [];

  apply({ user_id, splices }: ReplayEntry): void {
    for (const { at, delete: gone, insert } of splices ?? []) {
      this.text = this.text.slice(0, at) + insert + this.text.slice(at + gone);
      this.authors.splice(at, gone, ...Array.from({ length: insert.length }, () => user_id));
    }
  }
}

const PIECES = ["x", "for ", "\n", "    ", "🙂", "𝔘", "é", "return seen\n", "👩‍👩‍👧", "\r\n"];

/** Anything anywhere, also in the middle of a character. */
export function wildEntries(count: number, random: () => number): ReplayEntry[] {
  const below = (limit: number) => Math.floor(random() * limit);
  const people = ["ada", "ben", null];
  let length = 0;
  return Array.from({ length: count }, (_, index) => {
    const entry = { seq: index + 1, at_ms: index * 10, user_id: people[below(3)] ?? null };
    if (random() < 0.1) return { ...entry, event: { type: "run-started", data: {} } };
    const splices: Splice[] = Array.from({ length: below(4) }, () => {
      const at = below(length + 1);
      const gone = random() < 0.4 ? below(Math.min(40, length - at) + 1) : 0;
      const insert = (PIECES[below(PIECES.length)] ?? "").repeat(random() < 0.02 ? 300 : 1);
      length += insert.length - gone;
      return { at, delete: gone, insert };
    });
    return { ...entry, splices };
  });
}

/** An hour in which two people type at two places, now and then move on, and take back a tenth. */
export function anHour(count: number, random: () => number): ReplayEntry[] {
  let length = 0;
  const places = [0, 0];
  return Array.from({ length: count }, (_, index) => {
    const who = random() < 0.5 ? 0 : 1;
    let place = Math.min(places[who] ?? 0, length);
    if (random() < 0.02) place = Math.floor(random() * (length + 1));
    const takes = random() < 0.1 && place > 0;
    const insert = takes ? "" : random() < 0.03 ? "\n" : "abcdefgh "[Math.floor(random() * 9)];
    const splice = { at: takes ? place - 1 : place, delete: takes ? 1 : 0, insert: insert ?? "" };
    length += splice.insert.length - splice.delete;
    places[who] = splice.at + splice.insert.length;
    const at_ms = Math.round((index * 3_600_000) / count);
    return { seq: index + 1, at_ms, user_id: who === 0 ? "ada" : "ben", splices: [splice] };
  });
}
