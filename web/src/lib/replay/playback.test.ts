import { describe, expect, it } from "vitest";
import { Recording } from "./model";
import { advance, brief, clock, spoken } from "./playback";

const recording = new Recording();
recording.push(
  [0, 100, 100, 20_000, 20_050].map((at_ms, index) => ({
    seq: index + 1,
    at_ms,
    user_id: "ada",
    splices: [{ at: 0, delete: 0, insert: "x" }],
  })),
);
const from = (time: number, moment: number, elapsed: number, speed = 1, skip = true) =>
  advance(recording, { time, moment }, elapsed, speed, skip);

describe("playing", () => {
  it("goes on with the clock, and brings entries of one moment together", () => {
    expect(from(0, 1, 50)).toEqual({ time: 50, moment: 1, skipped: 0, ended: false });
    expect(from(0, 1, 100)).toEqual({ time: 100, moment: 3, skipped: 0, ended: false });
    expect(from(0, 1, 60, 2)).toMatchObject({ time: 120, moment: 3 });
  });

  it("shortens idle time, or does not", () => {
    expect(from(100, 3, 749)).toMatchObject({ time: 849, skipped: 0 });
    expect(from(100, 3, 800)).toEqual({ time: 19_300, moment: 3, skipped: 18_400, ended: false });
    expect(from(100, 3, 800, 1, false)).toEqual({ time: 900, moment: 3, skipped: 0, ended: false });
    // Whoever went into the middle of it has seen enough of it.
    expect(from(10_000, 3, 16)).toMatchObject({ time: 19_266, skipped: 9_250 });
    expect(from(19_500, 3, 16)).toMatchObject({ time: 19_516, skipped: 0 });
  });

  it("stands still at the end", () => {
    expect(from(20_000, 4, 5_000)).toEqual({ time: 20_050, moment: 5, skipped: 0, ended: true });
    expect(from(20_050, 5, 5_000)).toEqual({ time: 20_050, moment: 5, skipped: 0, ended: true });
    expect(advance(new Recording(), { time: 0, moment: 0 }, 10, 1, true).ended).toBe(true);
  });

  it("counts entries that one has stepped to before their time", () => {
    expect(from(100, 2, 0.5)).toMatchObject({ moment: 3 });
  });
});

it("tells times", () => {
  expect([clock(0), clock(59_999), clock(754_000), clock(3_723_000)]).toEqual([
    "0:00",
    "0:59",
    "12:34",
    "1:02:03",
  ]);
  expect([spoken(0), spoken(61_000), spoken(7_200_000)]).toEqual([
    "0 seconds",
    "1 minute 1 second",
    "2 hours",
  ]);
  expect([brief(4_400), brief(60_000), brief(125_000), brief(5_400_000)]).toEqual([
    "4 s",
    "1 min",
    "2 min 5 s",
    "1 h 30 min",
  ]);
});
