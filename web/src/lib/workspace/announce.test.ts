import { expect, it } from "vitest";
import type { TestReport } from "$lib/api/types";
import { announcement, headline } from "./announce";
import type { Outcome } from "./judge.svelte";

const outcome: Outcome = {
  verdict: "accepted",
  compileOutput: null,
  timeMs: 1,
  memoryKb: 1,
  xp: 25,
  level: 3,
  from: null,
};
const passed = { verdict: "accepted" } as TestReport;
const base = { mode: "submit", total: 2, outcome, error: null } as const;

it("says the result, what passed and what it brought", () => {
  expect(announcement({ ...base, phase: "finished", tests: [passed, passed] })).toBe(
    "Accepted. 2 of 2 tests passed. 25 XP earned. Level 3 reached.",
  );
});

it("keeps quiet while tests arrive one by one", () => {
  expect(announcement({ ...base, phase: "running", tests: [passed] })).toBe("");
  expect(headline({ ...base, phase: "running", tests: [passed] })).toBe("1 of 2");
});

it("calls nothing accepted that had no expected answer", () => {
  expect(headline({ ...base, mode: "own", phase: "finished", tests: [passed] })).toBe("Ran to its end");
});
