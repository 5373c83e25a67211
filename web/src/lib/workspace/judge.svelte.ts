/** One run or submission at a time: asks for it, follows it, and holds what came out. */
import { challenges, submissions } from "$lib/api/endpoints";
import { asApiError, type ApiError } from "$lib/api/error";
import type {
  ChallengeDetail,
  Counterexample,
  OwnInput,
  RunResult,
  Submission,
  SubmissionUpdate,
  TestReport,
  Verdict,
} from "$lib/api/types";
import { live, socket } from "$lib/live/live.svelte";
import { watchSubmission } from "$lib/live/watch";
import { progress } from "$lib/state/progress.svelte";
import { isAnswerable, watchCounterexample } from "./counterexample";
import { uuid } from "./uuid";

export type Mode = "run" | "own" | "submit";
export type Phase = "idle" | "sending" | "queued" | "running" | "finished" | "failed";

/** What came out, whichever way it was asked for. */
export interface Outcome {
  verdict: Verdict;
  compileOutput: string | null;
  timeMs: number;
  memoryKb: number;
  xp: number;
  /** The level that was reached by it, if it rose. */
  level: number | null;
  /** When an older submission is shown: its moment. */
  from: string | null;
}

/** What the results show of a run, whoever asked for it. */
export type JudgeView = Pick<
  Judge,
  "mode" | "phase" | "tests" | "total" | "outcome" | "error" | "busy" | "submitting" | "counterexample"
>;

/** A search for a small input on which the code fails. */
export interface Search {
  /** `undefined` while it goes on. */
  found: Counterexample | null | undefined;
}

export class Judge {
  mode = $state<Mode>("run");
  phase = $state<Phase>("idle");
  tests = $state.raw<TestReport[]>([]);
  total = $state(0);
  outcome = $state.raw<Outcome | null>(null);
  error = $state.raw<ApiError | null>(null);
  /** Of the submission that is shown, when it failed. */
  counterexample = $state.raw<Search | null>(null);
  /** Counts finished submissions, so that lists of them know when to look again. */
  finishedSubmissions = $state(0);
  #stop: () => void = () => undefined;
  #attempt: { body: string; key: string } | null = null;
  /** The level at the moment of handing in; news of a higher one may come before the result does. */
  #levelBefore: number | null = null;

  constructor(private readonly challenge: ChallengeDetail) {}

  get busy(): boolean {
    return this.phase === "sending" || this.phase === "queued" || this.phase === "running";
  }

  /** Nothing else can begin: what was handed in is judged to its end. A mere run gives way to a submission. */
  get submitting(): boolean {
    return this.busy && this.mode === "submit";
  }

  /** Forgets what it follows: the view is left. */
  leave(): void {
    this.#stop();
  }

  async run(language: string, code: string, input: OwnInput | null = null): Promise<void> {
    if (this.busy) return;
    this.#begin(input ? "own" : "run", input ? 1 : this.challenge.examples.length);
    const controller = new AbortController();
    const run_id = uuid();
    const unsubscribe = socket.on("run-update", (update) => {
      if (update.run_id !== run_id || controller.signal.aborted) return;
      this.phase = "running";
      this.total = update.total_tests;
      this.#add(update.test);
    });
    this.#stop = () => {
      controller.abort();
    };
    try {
      const body = { language, code, run_id, ...(input ? { input } : {}) };
      this.#showRun(await challenges.run(this.challenge.id, body, controller.signal));
    } catch (thrown) {
      if (!controller.signal.aborted) this.#fail(thrown);
    } finally {
      unsubscribe();
    }
  }

  async submit(language: string, code: string): Promise<void> {
    if (this.submitting) return;
    this.#begin("submit", this.challenge.test_count);
    this.#levelBefore = progress.data?.current_level ?? null;
    const controller = new AbortController();
    this.#stop = () => {
      controller.abort();
    };
    try {
      const body = { language, code };
      const key = this.#keyFor(JSON.stringify(body));
      const { submission_id } = await challenges.submit(this.challenge.id, body, key, controller.signal);
      this.#attempt = null;
      if (!controller.signal.aborted) this.#follow(submission_id);
    } catch (thrown) {
      if (!controller.signal.aborted) this.#fail(thrown);
    }
  }

  /** Shows a submission of the past, or follows one that is still on its way. */
  show(submission: Submission): void {
    if (this.busy) return;
    this.#begin("submit", submission.total_tests);
    if (submission.status === "finished") this.#finish(submission, submission.created_at);
    else this.#follow(submission.id);
  }

  /** The same content after a failed attempt is the same submission, so that trying again never hands in twice. */
  #keyFor(body: string): string {
    if (this.#attempt?.body !== body) this.#attempt = { body, key: uuid() };
    return this.#attempt.key;
  }

  #begin(mode: Mode, total: number): void {
    this.#stop();
    this.mode = mode;
    this.phase = "sending";
    this.tests = [];
    this.total = total;
    this.outcome = null;
    this.error = null;
    this.counterexample = null;
  }

  #follow(id: string): void {
    this.phase = "queued";
    this.#stop = watchSubmission(
      id,
      {
        fetch: (submission) => submissions.one(submission),
        connected: () => live.state === "open",
        subscribe: (listener) => socket.on("submission-update", listener),
        setTimer: (run, ms) => window.setTimeout(run, ms),
        clearTimer: (timer) => {
          window.clearTimeout(timer);
        },
      },
      {
        update: (update) => {
          this.#advance(update);
        },
        seen: (submission) => {
          if (submission.status === "running") this.phase = "running";
          this.tests = submission.tests;
        },
        finished: (submission) => {
          this.#finish(submission, null);
          void this.#reward(submission);
        },
        failed: (thrown) => {
          this.#fail(thrown);
        },
      },
    );
  }

  #advance(update: SubmissionUpdate): void {
    if (update.status !== "queued") this.phase = "running";
    this.total = update.total_tests;
    if (update.test) this.#add(update.test);
  }

  #add(test: TestReport): void {
    this.tests = [...this.tests.filter((other) => other.name !== test.name), test];
  }

  #showRun(result: RunResult): void {
    this.tests = result.tests;
    this.phase = "finished";
    this.outcome = {
      verdict: result.verdict,
      compileOutput: result.compile_output,
      timeMs: result.time_ms,
      memoryKb: result.memory_kb,
      xp: 0,
      level: null,
      from: null,
    };
  }

  #finish(submission: Submission, from: string | null): void {
    this.tests = submission.tests;
    this.total = submission.total_tests;
    this.phase = "finished";
    this.outcome = {
      verdict: submission.verdict ?? "internal_error",
      compileOutput: submission.compile_output,
      timeMs: submission.time_ms,
      memoryKb: submission.memory_kb,
      xp: from === null ? submission.xp_awarded : 0,
      level: null,
      from,
    };
    if (from === null) this.finishedSubmissions += 1;
    this.#search(submission, from !== null);
  }

  /** Waits for the search that follows a failure. The one of a submission of the past has ended. */
  #search(submission: Submission, isPast: boolean): void {
    if (submission.counterexample) this.counterexample = { found: submission.counterexample };
    // A file of tests shows its inputs, and takes no other ones.
    const hasInputs = this.challenge.kind !== "tests";
    if (this.counterexample || isPast || !hasInputs || !submission.verdict) return;
    if (!isAnswerable(submission.verdict)) return;
    this.counterexample = { found: undefined };
    this.#stop = watchCounterexample(
      submission.id,
      {
        fetch: (id) => submissions.one(id),
        subscribe: (listener) => socket.on("counterexample-update", listener),
        setTimer: (run, ms) => window.setTimeout(run, ms),
        clearTimer: (timer) => {
          window.clearTimeout(timer);
        },
      },
      (found) => {
        this.counterexample = { found };
      },
    );
  }

  async #reward(submission: Submission): Promise<void> {
    if (submission.xp_awarded === 0) return;
    const before = this.#levelBefore;
    const after = await progress.refresh();
    const rose = before !== null && after !== null && after.current_level > before;
    if (rose && this.outcome) this.outcome = { ...this.outcome, level: after.current_level };
  }

  #fail(thrown: unknown): void {
    this.error = asApiError(thrown);
    this.phase = "failed";
  }
}
