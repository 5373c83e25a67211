import { expect, it } from "vitest";
import type { ChallengeDetail, TestReport } from "$lib/api/types";
import { testRows } from "./test-rows";

const example = (name: string) => ({ name, input: "1", args: [1], expected: "1", note: null });
const report = (name: string, hidden = false): TestReport => ({
  name,
  hidden,
  verdict: "accepted",
  time_ms: 1,
  memory_kb: 1,
});
const challenge = { examples: [example("a"), example("b")], test_count: 5 } as ChallengeDetail;

it("shows the examples before a run", () => {
  expect(testRows(challenge, [], false).map((row) => [row.name, row.report])).toEqual([
    ["a", null],
    ["b", null],
  ]);
});

it("has a place for every hidden test from the beginning", () => {
  const names = (reports: TestReport[]) => testRows(challenge, reports, true).map((row) => row.name);
  const all = ["a", "b", "hidden 1", "hidden 2", "hidden 3"];
  expect(names([])).toEqual(all);
  expect(names([report("a"), report("hidden 1", true)])).toEqual(all);
});

it("keeps tests with names of their own", () => {
  expect(testRows(challenge, [report("own input")], false).map((row) => row.name)).toEqual([
    "a",
    "b",
    "own input",
  ]);
});
