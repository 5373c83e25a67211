/** Waits for the end of the search that follows a failed submission: by its event, and by looking when that may have been lost. */
import type { Counterexample, CounterexampleUpdate, Submission, Verdict } from "$lib/api/types";

export interface CounterexampleDeps {
  fetch: (id: string) => Promise<Submission>;
  subscribe: (listener: (update: CounterexampleUpdate) => void) => () => void;
  setTimer: (run: () => void, ms: number) => number;
  clearTimer: (timer: number) => void;
}

/** When to look, after the verdict. The server gives up after half a minute of looking; behind others it may begin late. */
const LOOKS_MS = [4_000, 12_000, 36_000, 72_000];

/** Whether an input can show how a program fails. */
export function isAnswerable(verdict: Verdict): boolean {
  return !["accepted", "compile_error", "internal_error"].includes(verdict);
}

/** Starts waiting; the answer stops it. Calls `ended` at most once: with what was found, or with nothing. */
export function watchCounterexample(
  id: string,
  deps: CounterexampleDeps,
  ended: (found: Counterexample | null) => void,
): () => void {
  let timer: number | null = null;
  let looks = 0;
  let done = false;

  const stop = () => {
    done = true;
    unsubscribe();
    if (timer !== null) deps.clearTimer(timer);
  };

  const end = (found: Counterexample | null) => {
    if (done) return;
    stop();
    ended(found);
  };

  const schedule = () => {
    if (done) return;
    const before = looks === 0 ? 0 : (LOOKS_MS[looks - 1] ?? 0);
    const next = LOOKS_MS[looks];
    if (next === undefined) end(null);
    else timer = deps.setTimer(look, next - before);
  };

  const look = () => {
    looks += 1;
    // Being offline passes; the next look may see it.
    deps.fetch(id).then(({ counterexample }) => {
      if (counterexample) end(counterexample);
      else schedule();
    }, schedule);
  };

  const unsubscribe = deps.subscribe((update) => {
    if (update.submission_id === id) end(update.counterexample);
  });

  schedule();
  return stop;
}
