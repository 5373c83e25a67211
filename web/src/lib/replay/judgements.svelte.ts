/** What the judge said of the code of a moment: remembered by the edit that made it what it is. */
import { asApiError } from "$lib/api/error";
import type { ChallengeDetail } from "$lib/api/types";
import { SharedJudge } from "$lib/session/shared-judge.svelte";
import type { RunResult } from "$lib/session/wire";
import * as api from "./api";

/** More than anybody tries in one sitting; the oldest go. */
const MOST = 50;

type Ask = (seq: number, stdin?: string) => Promise<RunResult>;

export class Judgements {
  challenge = $state.raw<ChallengeDetail | null>(null);
  #made = $state.raw<readonly { seq: number; judge: SharedJudge }[]>([]);
  readonly #recorded = new WeakMap<RunResult, SharedJudge>();

  constructor(
    private readonly me: string,
    private readonly ask: Ask,
  ) {}

  /** That of the code after an entry, if it was judged here. */
  of(seq: number): SharedJudge | null {
    return this.#made.find((made) => made.seq === seq)?.judge ?? null;
  }

  /** A run of the record, in the same form. */
  recorded(result: RunResult): SharedJudge {
    const known = this.#recorded.get(result);
    if (known) return known;
    const judge = this.#newJudge();
    judge.ended(result);
    this.#recorded.set(result, judge);
    return judge;
  }

  async judge(seq: number, stdin?: string): Promise<SharedJudge> {
    const known = this.of(seq);
    if (known?.busy) return known;
    const judge = this.#newJudge();
    this.#made = [...this.#made.filter((made) => made.seq !== seq).slice(1 - MOST), { seq, judge }];
    // With a challenge all of its tests are tried, as when handing in.
    const kind = this.challenge ? "submit" : "run";
    const run = { run_id: `moment-${seq}`, kind, user_id: this.me, username: "you" } as const;
    judge.started({ ...run, at: "" });
    try {
      judge.ended({ ...(await this.ask(seq, stdin)), ...run });
    } catch (thrown) {
      judge.error = asApiError(thrown);
      judge.phase = "failed";
    }
    return judge;
  }

  #newJudge(): SharedJudge {
    return new SharedJudge(
      () => this.challenge,
      () => this.me,
    );
  }
}

export const serverJudge =
  (session: string): Ask =>
  (seq, stdin) =>
    api.run(session, seq, stdin);
