/**
 * Waits for a submission's end by whichever way works: events when the socket is up, polling when it is not or stays silent.
 */
import { ApiError } from "$lib/api/error";
import type { Submission, SubmissionUpdate } from "$lib/api/types";
import { pollDelay } from "./backoff";

export interface WatchDeps {
  fetch: (id: string) => Promise<Submission>;
  /** Whether events can be expected at all. */
  connected: () => boolean;
  subscribe: (listener: (update: SubmissionUpdate) => void) => () => void;
  setTimer: (run: () => void, ms: number) => number;
  clearTimer: (timer: number) => void;
}

export interface WatchHandlers {
  update: (update: SubmissionUpdate) => void;
  /** A poll's view of a submission that is not finished. */
  seen: (submission: Submission) => void;
  finished: (submission: Submission) => void;
  failed: (error: unknown) => void;
}

/** With a socket that is up, silence for this long is worth a look. */
const SILENCE_MS = 5000;

/** Starts watching; the answer stops it. Calls `finished` or `failed` at most once, and never after being stopped. */
export function watchSubmission(id: string, deps: WatchDeps, handlers: WatchHandlers): () => void {
  let timer: number | null = null;
  let attempt = 0;
  let done = false;

  const stop = () => {
    done = true;
    unsubscribe();
    if (timer !== null) deps.clearTimer(timer);
  };

  const schedule = () => {
    if (timer !== null) deps.clearTimer(timer);
    if (done) return;
    const wait = deps.connected() ? Math.max(SILENCE_MS, pollDelay(attempt)) : pollDelay(attempt);
    timer = deps.setTimer(look, wait);
  };

  const look = () => {
    attempt += 1;
    deps.fetch(id).then(settle, (thrown: unknown) => {
      if (done) return;
      if (isLasting(thrown)) {
        stop();
        handlers.failed(thrown);
      } else schedule();
    });
  };

  const settle = (submission: Submission) => {
    if (done) return;
    if (submission.status === "finished") {
      stop();
      handlers.finished(submission);
      return;
    }
    handlers.seen(submission);
    schedule();
  };

  const unsubscribe = deps.subscribe((update) => {
    if (done || update.submission_id !== id) return;
    attempt = 0;
    handlers.update(update);
    if (update.status === "finished") look();
    else schedule();
  });

  schedule();
  return stop;
}

/** Being offline or throttled passes; being told "no" does not. */
function isLasting(thrown: unknown): boolean {
  if (!(thrown instanceof ApiError)) return true;
  return thrown.status >= 400 && thrown.status < 500 && thrown.status !== 429 && thrown.status !== 408;
}
