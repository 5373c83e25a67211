/** The session's timer in words. */

/** `12:05`, `1:00:00`; `0:00` once it has rung. */
export function countdown(endsAt: string, now: number): string {
  const left = secondsLeft(endsAt, now);
  const [hours, minutes, seconds] = [Math.floor(left / 3600), Math.floor(left / 60) % 60, left % 60];
  const two = (n: number) => String(n).padStart(2, "0");
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
}

export function secondsLeft(endsAt: string, now: number): number {
  const left = Math.ceil((Date.parse(endsAt) - now) / 1000);
  return Number.isNaN(left) ? 0 : Math.max(0, left);
}
