/**
 * A recording in memory: its entries in tight arrays, and the text as of each of them.
 *
 * A moment is a number of entries: 0 is before the first, `count` after the last. The text of one is found from the nearest
 * keyframe before it, or by going on from the text that was asked for last, so that playing costs what the next edits cost.
 */
import { AuthoredText, type Leaf, type Run } from "./text";
import type { ReplayEntry, Splice } from "./wire";

/** The text at a moment. */
export interface State {
  moment: number;
  text: string;
  runs: Run[];
  /** The text in pieces: what two states have in common is the same pieces. */
  leaves: readonly Leaf[];
}

/** An event of the record, with the moment after it. */
export interface RecordedEvent {
  moment: number;
  at: number;
  user: string | null;
  event: unknown;
}

interface Keyframe {
  moment: number;
  leaves: readonly Leaf[];
}

/** Entries from one keyframe to the next, at first. */
const KEYFRAME_EVERY = 256;
/** With more of them, every second one goes and they come half as often. */
const MOST_KEYFRAMES = 512;
/** What is not a person: the session itself. */
export const NOBODY = 0;

export interface Limits {
  /** Entries that are held at most. */
  entries: number;
  /** Units of inserted text that are held at most. */
  units: number;
}

/** About 100 MB in a browser. */
const LIMITS: Limits = { entries: 1_000_000, units: 32_000_000 };

export class Recording {
  /** Ids by number; number 0 is the session itself. */
  readonly people: (string | null)[] = [null];
  readonly events: RecordedEvent[] = [];
  /** There was more than may be held. */
  full = false;
  #count = 0;
  #units = 0;
  readonly #seqs = new Growing(Uint32Array);
  readonly #times = new Growing(Float64Array);
  readonly #whos = new Growing(Uint16Array);
  /** Where each entry's splices begin. */
  readonly #firsts = new Growing(Uint32Array);
  readonly #places = new Growing(Uint32Array);
  readonly #gone = new Growing(Uint32Array);
  readonly #inserts: string[] = [];
  #keyframes: Keyframe[] = [];
  #every = KEYFRAME_EVERY;
  /** The text after the last entry; keyframes are taken from it. */
  readonly #end: AuthoredText;
  /** The text that was asked for last. */
  #last: { moment: number; text: AuthoredText };

  constructor(
    start = "",
    private readonly limits: Limits = LIMITS,
  ) {
    this.#end = AuthoredText.of(start, NOBODY);
    this.#keyframes = [{ moment: 0, leaves: this.#end.leaves() }];
    this.#last = { moment: 0, text: AuthoredText.of(start, NOBODY) };
  }

  get count(): number {
    return this.#count;
  }

  /** Milliseconds from the first to the last entry. */
  get duration(): number {
    return this.timeOf(this.#count);
  }

  /** Adds what comes next; entries that are there already are passed over. */
  push(entries: readonly ReplayEntry[]): void {
    for (const entry of entries) {
      if (entry.seq <= this.seqOf(this.#count)) continue;
      const units = entry.splices?.reduce((sum, { insert }) => sum + insert.length, 0) ?? 0;
      if (this.#count >= this.limits.entries || this.#units + units > this.limits.units) {
        this.full = true;
        return;
      }
      this.#units += units;
      this.#add(entry);
    }
  }

  /** The entry that leads to a moment; 0 for the beginning. */
  seqOf(moment: number): number {
    return moment <= 0 ? 0 : this.#seqs.at(Math.min(moment, this.#count) - 1);
  }

  /** The moment after an entry, or after the last one before it. */
  momentOf(seq: number): number {
    return this.#seqs.countUpTo(seq);
  }

  /** When a moment begins, in milliseconds since the beginning. */
  timeOf(moment: number): number {
    return moment <= 0 || this.#count === 0 ? 0 : this.#times.at(Math.min(moment, this.#count) - 1);
  }

  /** The last moment at a time. */
  momentAt(time: number): number {
    return this.#times.countUpTo(time);
  }

  /** The number of whoever made the entry that leads to a moment. */
  whoAt(moment: number): number {
    return this.#whos.at(moment - 1);
  }

  /** What the entry that leads to a moment did to the text; nothing for an event. */
  splicesAt(moment: number): Splice[] {
    const splices: Splice[] = [];
    const end = this.#firstSplice(moment);
    for (let index = this.#firstSplice(moment - 1); index < end; index += 1) {
      splices.push(this.#splice(index));
    }
    return splices;
  }

  /** Units that the entry that leads to a moment wrote and took away. */
  weightOf(moment: number): number {
    let sum = 0;
    const end = this.#firstSplice(moment);
    for (let index = this.#firstSplice(moment - 1); index < end; index += 1) {
      sum += this.#gone.at(index) + (this.#inserts[index]?.length ?? 0);
    }
    return sum;
  }

  isEdit(moment: number): boolean {
    return this.#firstSplice(moment) > this.#firstSplice(moment - 1);
  }

  /** The last moment up to `moment` that an edit leads to; 0 when there is none. */
  editUpTo(moment: number): number {
    let at = Math.min(moment, this.#count);
    while (at > 0 && !this.isEdit(at)) at -= 1;
    return at;
  }

  /** The first moment after `moment` that an edit leads to; nothing when there is none. */
  editAfter(moment: number): number | null {
    for (let at = moment + 1; at <= this.#count; at += 1) if (this.isEdit(at)) return at;
    return null;
  }

  stateAt(moment: number): State {
    const wanted = Math.min(Math.max(0, moment), this.#count);
    const from = this.#nearest(wanted);
    if (this.#last.moment > wanted || this.#last.moment < from.moment) {
      this.#last = { moment: from.moment, text: new AuthoredText(from.leaves) };
    }
    const { text } = this.#last;
    for (let next = this.#last.moment + 1; next <= wanted; next += 1) this.#apply(text, next);
    this.#last.moment = wanted;
    return { moment: wanted, text: text.toString(), runs: text.runs(), leaves: text.leaves() };
  }

  #add(entry: ReplayEntry): void {
    const who = this.#number(entry.user_id);
    this.#seqs.push(entry.seq);
    // A clock that was put back must not lead back in time.
    this.#times.push(Math.max(entry.at_ms, this.timeOf(this.#count)));
    this.#whos.push(who);
    this.#firsts.push(this.#inserts.length);
    for (const { at, delete: gone, insert } of entry.splices ?? []) {
      this.#places.push(at);
      this.#gone.push(gone);
      this.#inserts.push(insert);
    }
    this.#count += 1;
    if ((entry.event ?? null) !== null) {
      const at = this.timeOf(this.#count);
      this.events.push({ moment: this.#count, at, user: entry.user_id, event: entry.event });
    }
    this.#apply(this.#end, this.#count);
    if (this.#count % this.#every === 0) this.#keep();
  }

  #keep(): void {
    this.#keyframes.push({ moment: this.#count, leaves: this.#end.leaves() });
    if (this.#keyframes.length <= MOST_KEYFRAMES) return;
    this.#every *= 2;
    this.#keyframes = this.#keyframes.filter(({ moment }) => moment % this.#every === 0);
  }

  #apply(text: AuthoredText, moment: number): void {
    const end = this.#firstSplice(moment);
    const who = this.#whos.at(moment - 1);
    for (let index = this.#firstSplice(moment - 1); index < end; index += 1) {
      text.splice(this.#splice(index), who);
    }
  }

  #splice(index: number): Splice {
    return {
      at: this.#places.at(index),
      delete: this.#gone.at(index),
      insert: this.#inserts[index] ?? "",
    };
  }

  /** The splices before this one belong to the first `moment` entries. */
  #firstSplice(moment: number): number {
    if (moment < 0) return 0;
    return moment < this.#count ? this.#firsts.at(moment) : this.#inserts.length;
  }

  #nearest(moment: number): Keyframe {
    let low = 0;
    let high = this.#keyframes.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#keyframes[middle]?.moment ?? 0) <= moment) low = middle;
      else high = middle - 1;
    }
    return this.#keyframes[low] ?? { moment: 0, leaves: [] };
  }

  #number(user: string | null): number {
    const known = this.people.indexOf(user);
    return known >= 0 ? known : this.people.push(user) - 1;
  }
}

type Numbers = Uint16Array | Uint32Array | Float64Array;

/** A typed array that grows. */
class Growing {
  #items: Numbers;
  #length = 0;

  constructor(private readonly kind: new (length: number) => Numbers) {
    this.#items = new kind(1024);
  }

  push(value: number): void {
    if (this.#length === this.#items.length) {
      const more = new this.kind(this.#length * 2);
      more.set(this.#items);
      this.#items = more;
    }
    this.#items[this.#length] = value;
    this.#length += 1;
  }

  at(index: number): number {
    return this.#items[index] ?? 0;
  }

  /** How many are not larger than `value`; they must ascend. */
  countUpTo(value: number): number {
    let low = 0;
    let high = this.#length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.at(middle) <= value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
