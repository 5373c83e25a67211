/** What a run or submission has come to, in a few words: for the folded pane and for screen readers. */
import { count, verdictWord } from "$lib/format/words";
import type { Judge } from "./judge.svelte";

type State = Pick<Judge, "phase" | "mode" | "tests" | "total" | "outcome" | "error">;

export function headline(judge: State): string {
  switch (judge.phase) {
    case "idle":
      return "";
    case "sending":
      return judge.mode === "submit" ? "Handing in…" : "Starting…";
    case "queued":
      return "Waiting for the judge…";
    case "running":
      return `${judge.tests.length} of ${judge.total}`;
    case "failed":
      return "Not judged";
    case "finished":
      return judge.outcome ? outcomeWord(judge.mode, judge.outcome.verdict) : "";
  }
}

/** Only beginnings and ends: every single test would talk over the learner. */
export function announcement(judge: State): string {
  if (judge.phase === "sending") return judge.mode === "submit" ? "Handing in" : "Running";
  if (judge.phase === "failed") return `Not judged. ${judge.error?.detail ?? ""}`;
  if (judge.phase !== "finished" || !judge.outcome) return "";
  const { verdict, xp, level } = judge.outcome;
  const passed = judge.tests.filter((test) => test.verdict === "accepted").length;
  const parts = [outcomeWord(judge.mode, verdict)];
  if (judge.mode !== "own") parts.push(`${passed} of ${count(judge.total, "test")} passed`);
  if (xp > 0) parts.push(`${xp} XP earned`);
  if (level !== null) parts.push(`Level ${level} reached`);
  return `${parts.join(". ")}.`;
}

/** With an own input nothing is expected, so nothing can be "accepted". */
export function outcomeWord(mode: State["mode"], verdict: Parameters<typeof verdictWord>[0]): string {
  return mode === "own" && verdict === "accepted" ? "Ran to its end" : verdictWord(verdict);
}
