/** How the time of a recording goes on while it plays. */
import type { Recording } from "./model";

export const SPEEDS = [1, 2, 4, 8, 16] as const;
export type Speed = (typeof SPEEDS)[number];

/** A longer time without any entry is idle. */
export const IDLE_MS = 3_000;
/** What is left of it, before and after. */
const AROUND_MS = 750;

export interface Advance {
  time: number;
  moment: number;
  /** Idle time that was passed over. */
  skipped: number;
  ended: boolean;
}

/** Where one stands after `elapsed` milliseconds of watching. */
export function advance(
  recording: Recording,
  { time, moment }: { time: number; moment: number },
  elapsed: number,
  speed: number,
  skipIdle: boolean,
): Advance {
  let left = elapsed * speed;
  let now = time;
  let at = moment;
  let skipped = 0;
  while (left > 0) {
    if (at >= recording.count) break;
    const next = recording.timeOf(at + 1);
    const before = Math.max(now, recording.timeOf(at) + AROUND_MS);
    const isIdle = skipIdle && next - recording.timeOf(at) > IDLE_MS && before < next - AROUND_MS;
    const stop = isIdle ? before : next;
    const step = Math.min(left, Math.max(0, stop - now));
    now += step;
    left -= step;
    if (now < stop) break;
    if (isIdle) {
      skipped += next - AROUND_MS - now;
      now = next - AROUND_MS;
      continue;
    }
    // Entries of the same millisecond come together.
    at = Math.max(at + 1, recording.momentAt(now));
  }
  return { time: now, moment: at, skipped, ended: at >= recording.count };
}

/** As a clock shows it: `1:02:03`, `12:34`, `0:05`. */
export function clock(ms: number): string {
  const all = Math.max(0, Math.floor(ms / 1000));
  const two = (n: number) => String(n).padStart(2, "0");
  const [hours, minutes, seconds] = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
}

/** `2 minutes 5 seconds`, to be heard or read as a length. */
export function spoken(ms: number): string {
  const all = Math.max(0, Math.round(ms / 1000));
  const parts = [
    [Math.floor(all / 3600), "hour"],
    [Math.floor(all / 60) % 60, "minute"],
    [all % 60, "second"],
  ] as const;
  const said = parts.filter(([n]) => n > 0).map(([n, unit]) => `${n} ${unit}${n === 1 ? "" : "s"}`);
  return said.length > 0 ? said.join(" ") : "0 seconds";
}

/** `2 min 5 s`, where room is short. */
export function brief(ms: number): string {
  const all = Math.max(0, Math.round(ms / 1000));
  if (all < 60) return `${all} s`;
  if (all < 3600) return all % 60 === 0 ? `${all / 60} min` : `${Math.floor(all / 60)} min ${all % 60} s`;
  return `${Math.floor(all / 3600)} h ${Math.floor(all / 60) % 60} min`;
}
