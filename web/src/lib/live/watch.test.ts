import { beforeEach, describe, expect, it, vi, type Mock } from "vitest";
import { ApiError, networkError } from "$lib/api/error";
import type { Submission, SubmissionUpdate } from "$lib/api/types";
import { watchSubmission, type WatchHandlers } from "./watch";

const submission = (status: Submission["status"]) =>
  ({ id: "s1", status, tests: [] }) as unknown as Submission;
const update = (status: Submission["status"], id = "s1") =>
  ({ submission_id: id, status }) as unknown as SubmissionUpdate;

let connected: boolean;
let answers: (Submission | Error)[];
let timer: { run: () => void; ms: number } | null;
let send: (update: SubmissionUpdate) => void;
let handlers: { [Name in keyof WatchHandlers]: Mock<WatchHandlers[Name]> };
let stop: () => void;

async function tick(): Promise<number> {
  const due = timer;
  timer = null;
  due?.run();
  await Promise.resolve();
  await Promise.resolve();
  return due?.ms ?? -1;
}

beforeEach(() => {
  connected = false;
  answers = [];
  timer = null;
  handlers = { update: vi.fn(), seen: vi.fn(), finished: vi.fn(), failed: vi.fn() };
  stop = watchSubmission(
    "s1",
    {
      fetch: () => {
        const next = answers.shift() ?? submission("running");
        return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
      },
      connected: () => connected,
      subscribe: (listener) => {
        send = listener;
        return () => (send = () => undefined);
      },
      setTimer: (run, ms) => {
        timer = { run, ms };
        return 1;
      },
      clearTimer: () => (timer = null),
    },
    handlers,
  );
});

describe("watchSubmission", () => {
  it("polls with growing waits while there is no socket", async () => {
    answers = [
      submission("queued"),
      networkError(),
      new ApiError(429, "rate_limited", ""),
      submission("finished"),
    ];
    const waits = [await tick(), await tick(), await tick(), await tick()];
    expect(waits).toEqual([1000, 2000, 4000, 8000]);
    expect(handlers.finished).toHaveBeenCalledOnce();
    expect(timer).toBeNull();
  });

  it("fetches the whole result when the event says that it is there", async () => {
    answers = [submission("finished")];
    send(update("running"));
    send(update("finished"));
    await Promise.resolve();
    await Promise.resolve();
    expect(handlers.update).toHaveBeenCalledTimes(2);
    expect(handlers.finished).toHaveBeenCalledOnce();
  });

  it("does not hear of other submissions", () => {
    send(update("finished", "s2"));
    expect(handlers.update).not.toHaveBeenCalled();
  });

  it("looks by itself when a connected socket stays silent", () => {
    connected = true;
    send(update("running"));
    expect(timer?.ms).toBe(5000);
  });

  it("gives up on a lasting refusal only", async () => {
    answers = [new ApiError(503, "x", ""), new ApiError(404, "not_found", "")];
    await tick();
    expect(handlers.failed).not.toHaveBeenCalled();
    await tick();
    expect(handlers.failed).toHaveBeenCalledOnce();
    expect(timer).toBeNull();
  });

  it("says nothing after it was stopped", async () => {
    answers = [submission("finished")];
    const late = timer as unknown as { run: () => void };
    stop();
    late.run();
    await Promise.resolve();
    await Promise.resolve();
    expect(handlers.finished).not.toHaveBeenCalled();
  });
});
