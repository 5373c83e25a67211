/** The session's run or submission, as everybody in it sees it. */
import { ApiError } from "$lib/api/error";
import type { ChallengeDetail, TestReport } from "$lib/api/types";
import type { JudgeView, Mode, Outcome, Phase } from "$lib/workspace/judge.svelte";
import { SessionError } from "./link";
import type { Earned, RunKind, RunProgress, RunResult, RunStarted } from "./wire";

export class SharedJudge implements JudgeView {
  mode = $state<Mode>("run");
  phase = $state<Phase>("idle");
  tests = $state.raw<TestReport[]>([]);
  total = $state(0);
  outcome = $state.raw<Outcome | null>(null);
  error = $state.raw<ApiError | null>(null);
  /** Everybody finds theirs among their own submissions. */
  readonly counterexample = null;
  /** Who asked for it. */
  by = $state<string | null>(null);
  xp = $state.raw<Earned[]>([]);
  /** Without a challenge: what the program wrote. */
  output = $state("");
  /** Without a challenge: what went wrong. */
  problem = $state("");
  #run: string | null = null;

  constructor(
    private readonly challenge: () => ChallengeDetail | null,
    private readonly me: () => string | null,
  ) {}

  get busy(): boolean {
    return this.phase === "sending" || this.phase === "queued" || this.phase === "running";
  }

  get submitting(): boolean {
    return this.busy && this.mode === "submit";
  }

  /** This person asks for one: `send` tells the session. */
  async ask(kind: RunKind, send: () => Promise<void>): Promise<void> {
    if (this.busy) return;
    this.#begin(kind, null);
    try {
      await send();
    } catch (thrown) {
      if (this.phase === "sending") this.#fail(thrown);
    }
  }

  started(run: RunStarted): void {
    this.#begin(run.kind, run.username);
    this.#run = run.run_id;
    this.phase = "running";
  }

  progressed({ run_id, test, total_tests }: RunProgress): void {
    if (run_id !== this.#run || !this.busy) return;
    this.total = total_tests;
    this.tests = [...this.tests.filter(({ name }) => name !== test.name), test];
  }

  ended(result: RunResult): void {
    // The result of an earlier run may come after a later one has begun.
    if (this.busy && this.#run !== null && this.#run !== result.run_id) return;
    this.#begin(result.kind, result.username);
    this.tests = result.tests;
    this.total = Math.max(result.tests.length, this.total);
    this.xp = result.xp;
    this.output = result.output;
    this.problem = result.error;
    this.phase = "finished";
    this.outcome = {
      verdict: result.verdict,
      compileOutput: result.error === "" ? null : result.error,
      timeMs: result.time_ms,
      memoryKb: result.memory_kb,
      xp: result.xp.find(({ user_id }) => user_id === this.me())?.xp_awarded ?? 0,
      level: null,
      from: null,
    };
  }

  /** The connection was cut: a result may have been missed. Answers whether one was waited for. */
  lost(): boolean {
    if (!this.busy) return false;
    this.phase = "idle";
    this.#run = null;
    return true;
  }

  #begin(kind: RunKind, by: string | null): void {
    const challenge = this.challenge();
    this.mode = kind === "submit" ? "submit" : challenge ? "run" : "own";
    this.phase = "sending";
    this.total = (kind === "submit" ? challenge?.test_count : challenge?.examples.length) ?? 1;
    this.tests = [];
    this.outcome = null;
    this.error = null;
    this.by = by;
    this.xp = [];
    this.output = "";
    this.problem = "";
    this.#run = null;
  }

  #fail(thrown: unknown): void {
    const error = thrown instanceof SessionError ? thrown : null;
    // A status that is not 0: the code arrived nowhere, but the network is the banner's business.
    this.error = new ApiError(
      error?.code === "rate_limited" ? 429 : 503,
      error?.code === "unavailable" ? "judge_unavailable" : (error?.code ?? "page_error"),
      error?.message ?? "Something in the page went wrong.",
    );
    this.phase = "failed";
  }
}
