import { describe, expect, it } from "vitest";
import type { Counterexample, CounterexampleUpdate, Submission } from "$lib/api/types";
import { isAnswerable, watchCounterexample } from "./counterexample";

const found = { input: "[0], 0", expected: "0", verdict: "wrong_answer" } as Counterexample;

function setUp(answers: (Counterexample | null | Error)[]) {
  const timers: { run: () => void; ms: number }[] = [];
  const listeners = new Set<(update: CounterexampleUpdate) => void>();
  const ended: (Counterexample | null)[] = [];
  const stop = watchCounterexample(
    "s1",
    {
      fetch: () => {
        const answer = answers.shift() ?? null;
        return answer instanceof Error
          ? Promise.reject(answer)
          : Promise.resolve({ counterexample: answer } as Submission);
      },
      subscribe: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      setTimer: (run, ms) => timers.push({ run, ms }),
      clearTimer: () => undefined,
    },
    (result) => ended.push(result),
  );
  const tick = async () => {
    timers.shift()?.run();
    await new Promise<void>((resolve) => queueMicrotask(resolve));
    await Promise.resolve();
  };
  const event = (submission_id: string, counterexample: Counterexample | null) => {
    for (const listener of listeners) listener({ submission_id, challenge_id: "c", counterexample });
  };
  return { ended, event, listeners, stop, tick, timers };
}

describe("watchCounterexample", () => {
  it("ends with its event, and with no other submission's", () => {
    const { ended, event, listeners } = setUp([]);
    event("s2", found);
    expect(ended).toEqual([]);
    event("s1", found);
    event("s1", null);
    expect(ended).toEqual([found]);
    expect(listeners.size).toBe(0);
  });

  it("is told when there is none", () => {
    const { ended, event } = setUp([]);
    event("s1", null);
    expect(ended).toEqual([null]);
  });

  it("looks when the event was lost, also after a failure, and not for ever", async () => {
    const lost = setUp([null, new Error("offline"), found]);
    await lost.tick();
    await lost.tick();
    await lost.tick();
    expect(lost.ended).toEqual([found]);
    const none = setUp([]);
    for (let n = 0; n < 6; n += 1) await none.tick();
    expect(none.ended).toEqual([null]);
    expect(none.timers).toEqual([]);
  });

  it("says nothing after it was stopped", async () => {
    const { ended, event, stop, tick } = setUp([found]);
    stop();
    event("s1", found);
    await tick();
    expect(ended).toEqual([]);
  });
});

describe("isAnswerable", () => {
  it("leaves out what no input shows", () => {
    expect(isAnswerable("wrong_answer")).toBe(true);
    expect(isAnswerable("compile_error")).toBe(false);
    expect(isAnswerable("accepted")).toBe(false);
  });
});
