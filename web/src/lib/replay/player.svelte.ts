/** A recording on its way in, and where in it one stands. */
import { ApiError, asApiError } from "$lib/api/error";
import { colourAt, NOBODYS_COLOUR } from "$lib/editor/colours";
import type { SessionParticipant } from "$lib/session/wire";
import * as api from "./api";
import { happenings, type Happening } from "./events";
import { Recording, type State } from "./model";
import { advance, type Speed } from "./playback";
import type { Replay, ReplayHeader } from "./wire";

/** The first page is small, so that playing can begin; the rest follows in large ones. */
const FIRST = 400;
const MORE = 5_000;
/** How long it is told that idle time was passed over. */
const TOLD_MS = 1_500;

export interface Source {
  page: (limit: number, cursor: string | null, signal: AbortSignal) => Promise<Replay>;
}

export const serverSource = (session: string): Source => ({
  page: (limit, cursor, signal) => api.page(session, limit, cursor, signal),
});

export class Player {
  header = $state.raw<ReplayHeader | null>(null);
  recording = $state.raw(new Recording());
  /** Counts what came in: what is derived from the recording depends on it. */
  version = $state(0);
  loading = $state(true);
  error = $state.raw<ApiError | null>(null);
  /** Number of entries that have happened. */
  moment = $state(0);
  /** Milliseconds since the beginning. */
  time = $state(0);
  playing = $state(false);
  speed = $state<Speed>(1);
  skipIdle = $state(true);
  /** Milliseconds of idle time that were just passed over. */
  skipped = $state(0);
  #cursor: string | null = null;
  #wanted: number | null = null;
  #frame = 0;
  #skippedAt = 0;
  readonly #controller = new AbortController();

  readonly happenings: Happening[] = $derived.by(() => {
    void this.version;
    return happenings(this.recording);
  });
  readonly state: State = $derived.by(() => {
    void this.version;
    return this.recording.stateAt(this.moment);
  });

  constructor(private readonly source: Source) {}

  /** Of all that is recorded, loaded or not. */
  get duration(): number {
    void this.version;
    return Math.max(this.header?.duration_ms ?? 0, this.recording.duration);
  }

  get count(): number {
    void this.version;
    return this.recording.count;
  }

  /** Up to where it is there. */
  get loadedTo(): number {
    void this.version;
    return this.complete ? this.duration : this.recording.duration;
  }

  get complete(): boolean {
    return this.header !== null && !this.loading && this.error === null;
  }

  get seq(): number {
    void this.version;
    return this.recording.seqOf(this.moment);
  }

  /** In which language the text is at this moment. */
  get language(): string {
    const languages = this.header?.languages ?? [];
    return languages.findLast(({ seq }) => seq <= this.seq)?.language ?? "";
  }

  /** The moment at which the text became what it is now. */
  get editMoment(): number {
    void this.version;
    return this.recording.editUpTo(this.moment);
  }

  person(user: string | null): SessionParticipant | null {
    return this.header?.people.find(({ user_id }) => user_id === user) ?? null;
  }

  /** Of their caret, their marks and their part of the time line: everybody has another, by who came first. */
  colorOf = (user: string | null): string => {
    void this.version;
    const number = this.recording.people.indexOf(user);
    return number > 0 ? colourAt(number - 1) : NOBODYS_COLOUR;
  };

  nameOf = (user: string | null): string =>
    user === null ? "The session" : (this.person(user)?.username ?? "Somebody");

  /** Loads what is missing, up to the end or to a failure. */
  async load(): Promise<void> {
    const { signal } = this.#controller;
    this.loading = true;
    this.error = null;
    try {
      do {
        const page = await this.source.page(this.header ? MORE : FIRST, this.#cursor, signal);
        if (signal.aborted) return;
        this.#take(page);
        if (page.next_cursor === null || this.recording.full) break;
      } while (!signal.aborted);
    } catch (thrown) {
      if (!signal.aborted) this.error = asApiError(thrown);
    } finally {
      if (!signal.aborted) this.loading = false;
    }
  }

  #take({ header, keyframe, items, next_cursor }: Replay): void {
    // What a session that is not recorded keeps for its own sake is not there to be watched.
    if (!header.session.recording) throw notRecorded();
    if (!this.header && keyframe.code !== "") this.recording = new Recording(keyframe.code);
    this.header = header;
    this.recording.push(items);
    this.#cursor = next_cursor ?? String(header.last_seq);
    this.version += 1;
    if (this.#wanted !== null && this.#wanted <= this.loadedTo) this.seek(this.#wanted);
  }

  /** To a time. What is not there yet is gone to as soon as it is. */
  seek(time: number): void {
    const to = Math.min(Math.max(0, time), this.duration);
    this.#wanted = to > this.loadedTo ? to : null;
    this.time = to;
    this.moment = this.recording.momentAt(to);
    this.skipped = 0;
  }

  /** To right after an entry. */
  go(moment: number): void {
    this.#wanted = null;
    this.moment = Math.min(Math.max(0, moment), this.recording.count);
    this.time = this.recording.timeOf(this.moment);
    this.skipped = 0;
  }

  stepEdit(direction: 1 | -1): void {
    this.pause();
    if (direction === 1) {
      const next = this.recording.editAfter(this.moment);
      if (next !== null) this.go(next);
    } else this.go(Math.max(0, this.recording.editUpTo(this.moment) - 1));
  }

  /** To the next or the last happening of those that `which` lets through; answers where one came. */
  stepHappening(direction: 1 | -1, which: (one: Happening) => boolean = () => true): Happening | null {
    const found =
      direction === 1
        ? this.happenings.find((one) => one.moment > this.moment && which(one))
        : this.happenings.findLast((one) => one.moment < this.moment && which(one));
    if (!found) return null;
    this.pause();
    this.go(found.moment);
    return found;
  }

  toggle(): void {
    if (this.playing) this.pause();
    else this.play();
  }

  play(): void {
    if (this.moment >= this.count && this.complete) this.go(0);
    this.playing = true;
    let last = performance.now();
    const frame = (now: number) => {
      // A tab that slept goes on where it was.
      this.#advance(Math.min(now - last, 250), now);
      last = now;
      if (this.playing) this.#frame = requestAnimationFrame(frame);
    };
    this.#frame = requestAnimationFrame(frame);
  }

  pause(): void {
    if (this.playing) cancelAnimationFrame(this.#frame);
    this.playing = false;
    this.skipped = 0;
  }

  destroy(): void {
    this.pause();
    this.#controller.abort();
  }

  #advance(elapsed: number, now: number): void {
    const next = advance(this.recording, this, elapsed, this.speed, this.skipIdle);
    this.time = next.time;
    this.moment = next.moment;
    if (next.skipped > 0) {
      this.skipped = next.skipped;
      this.#skippedAt = now;
    } else if (this.skipped > 0 && now - this.#skippedAt > TOLD_MS) this.skipped = 0;
    if (next.ended && this.complete) this.pause();
  }
}

const notRecorded = () => new ApiError(404, "not_recorded", "This session is not recorded.");
