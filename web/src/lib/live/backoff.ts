/** Exponential back-off with full jitter: a thousand clients of a restarted server come back spread out, not at once. */

export interface Backoff {
  /** Milliseconds of the first ceiling. */
  base: number;
  /** Milliseconds that no wait exceeds. */
  cap: number;
}

export const SOCKET_BACKOFF: Backoff = { base: 500, cap: 30_000 };

/** How long to wait before attempt `attempt` (from 0): anything up to the ceiling, by chance. */
export function backoffDelay(attempt: number, { base, cap }: Backoff, random = Math.random): number {
  const ceiling = Math.min(cap, base * 2 ** Math.min(attempt, 30));
  return Math.round(random() * ceiling);
}

/** Waits of a poll: 1 s, 2 s, 4 s, then every 8 s. */
export function pollDelay(attempt: number): number {
  return 1000 * 2 ** Math.min(attempt, 3);
}
