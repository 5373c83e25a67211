import { describe, expect, it } from "vitest";
import { happenings, lastUpTo, sentence } from "./events";
import { lanes, marks, outline } from "./lanes";
import { Recording } from "./model";
import type { ReplayEntry } from "./wire";

const NAMES: Record<string, string> = { a: "Ada", b: "Ben" };
const nameOf = (user: string | null) => (user === null ? "The session" : (NAMES[user] ?? "Somebody"));

function recordingOf(items: Partial<ReplayEntry>[]): Recording {
  const recording = new Recording();
  recording.push(
    items.map((item, index) => ({ seq: index + 1, at_ms: index * 1000, user_id: "a", ...item })),
  );
  return recording;
}

const event = (type: string, data: unknown, user_id: string | null = "a") => ({
  user_id,
  event: { type, data },
});
const insert = (text: string, user_id: string | null = "a") => ({
  user_id,
  splices: [{ at: 0, delete: 0, insert: text }],
});
const told = (items: Partial<ReplayEntry>[]) =>
  happenings(recordingOf(items)).map((happening) => sentence(happening, nameOf));

describe("what happened", () => {
  it("is told in words", () => {
    expect(
      told([
        event("user-joined", {}),
        event("new-message", { message: "Hello **you**" }),
        event("role-changed", { user_id: "b", role: "driver" }),
        event("role-changed", { user_id: "a", role: "navigator" }),
        event("role-changed", { user_id: "of another server", username: "Cleo", role: "mentor" }),
        event("run-started", { run_id: "1", kind: "run" }),
        event("run-result", { run_id: "1", kind: "run", verdict: "wrong_answer", score: 40 }),
        event("run-started", { run_id: "2", kind: "submit" }),
        event("session-restored", { seq: 3 }, "b"),
        insert("x".repeat(90), "b"),
        insert("a\nb\nc\n", "a"),
        insert("a\nb\n", "a"),
        insert("x".repeat(90), null),
        event("session-ended", {}),
      ]),
    ).toEqual([
      "Ada comes",
      "Ada says: Hello **you**",
      "Ada makes Ben driver",
      "Ada is now navigator",
      "Ada makes Cleo mentor",
      "Ada runs: Wrong answer, 40 % of the tests",
      "Ada hands in; no result was recorded",
      "Ben brings an earlier text back",
      "Ben puts in 90 characters at once",
      "Ada puts in 6 characters at once",
      "Ada ends the session",
    ]);
  });

  it("believes nothing of a file that it has not looked at", () => {
    const odd = [
      null,
      7,
      "x",
      [],
      {},
      { type: 3 },
      { type: "new-message" },
      { type: "new-message", data: { message: 9 } },
    ];
    expect(told(odd.map((one) => ({ event: one })))).toEqual(["Ada says: ", "Ada says: "]);
    expect(told([event("role-changed", { role: "constructor" })])).toEqual([]);
    const tests = [{ name: "one" }, { name: "one", input: 4, verdict: "toString" }, { name: 2 }, null];
    const [run] = happenings(
      recordingOf([event("run-result", { verdict: "__proto__", tests, score: NaN, time_ms: -4 })]),
    );
    expect(run).toMatchObject({
      kind: "run",
      result: { verdict: "internal_error", score: 0, time_ms: 0, tests: [{ name: "one", input: null }] },
    });
    expect(run?.kind === "run" && run.result?.tests.length).toBe(1);
  });
});

describe("the time line", () => {
  it("has a lane for each person, on one scale", () => {
    const recording = recordingOf([
      insert("start", null),
      insert("abcd", "a"),
      insert("x", "b"),
      {},
      insert("y", "b"),
    ]);
    const [ada, ben, ...none] = lanes(recording, 4000, 4);
    expect([ada?.user, ben?.user, none]).toEqual(["a", "b", []]);
    expect(ada?.bars).toEqual([0, 1, 0, 0]);
    expect(ben?.bars.map((bar) => bar > 0)).toEqual([false, false, true, true]);
    expect(outline([0, 1, 0.5])).toBe("M1 1V0.000h0.8V1zM2 1V0.500h0.8V1z");
    expect(lanes(new Recording(), 0, 4)).toEqual([]);
  });

  it("finds what happened last", () => {
    const found = happenings(
      recordingOf([{}, event("user-joined", {}), {}, event("user-left", {}), event("user-joined", {})]),
    );
    const last = [0, 1, 2, 3, 4, 5, 9].map((moment) => lastUpTo(found, moment)?.moment ?? null);
    expect(last).toEqual([null, null, 2, 2, 4, 5, 5]);
    expect(lastUpTo([], 3)).toBeNull();
  });

  it("puts marks that are near together, and shows the most telling", () => {
    const found = happenings(
      recordingOf([
        event("user-joined", {}),
        event("new-message", { message: "1" }),
        event("run-result", { verdict: "accepted" }),
        {},
        {},
        {},
        {},
        {},
        event("new-message", { message: "2" }),
      ]),
    );
    const marked = marks(found, 8000, 0.2);
    expect(marked.map(({ place, shown, happenings }) => [place, shown.kind, happenings.length])).toEqual([
      [0.125, "run", 2],
      [1, "chat", 1],
    ]);
  });
});
