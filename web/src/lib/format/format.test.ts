import { describe, expect, it } from "vitest";
import { monthLabels, weeks } from "./calendar";
import { addDays, relative, today, weekday } from "./time";
import { duration, limit, memory } from "./units";
import { byName, count, languageWord, topicWord } from "./words";

const NOW = Date.parse("2026-11-21T10:00:00Z");
const ago = (seconds: number) => relative(new Date(NOW - seconds * 1000).toISOString(), NOW);

describe("time", () => {
  it("is relative, and never in the future by a little", () => {
    expect([ago(5), ago(-20), ago(90), ago(7200), ago(86_400), ago(3 * 604_800), ago(400 * 86_400)]).toEqual([
      "just now",
      "just now",
      "1 minute ago",
      "2 hours ago",
      "yesterday",
      "3 weeks ago",
      "last year",
    ]);
  });

  it("shows what it cannot read as it is", () => {
    expect(relative("some day", NOW)).toBe("some day");
  });

  it("knows the day in another time zone, and survives one that does not exist", () => {
    const late = new Date("2026-11-21T23:30:00Z");
    expect([today("UTC", late), today("Asia/Tokyo", late), today("Not/There", late)]).toEqual([
      "2026-11-21",
      "2026-11-22",
      "2026-11-21",
    ]);
  });

  it("adds days across months and the end of summer time", () => {
    expect([addDays("2026-10-24", 2), addDays("2026-03-01", -1)]).toEqual(["2026-10-26", "2026-02-28"]);
    expect([weekday("2026-11-16"), weekday("2026-11-22")]).toEqual([0, 6]);
  });
});

describe("calendar", () => {
  const grid = weeks(["2026-11-21", "2026-11-10"], "2026-11-21", 3);

  it("has whole weeks from Monday, the last one with today", () => {
    expect(grid.map((week) => week.length)).toEqual([7, 7, 7]);
    expect([grid[0]?.[0]?.date, grid[2]?.[6]]).toEqual([
      "2026-11-02",
      { date: "2026-11-22", active: false, future: true },
    ]);
  });

  it("marks the active days", () => {
    const active = grid.flat().filter((day) => day.active);
    expect(active.map((day) => day.date)).toEqual(["2026-11-10", "2026-11-21"]);
  });

  it("names each month once, with room between the names", () => {
    const labels = monthLabels(weeks([], "2026-11-21", 53));
    expect(labels.length).toBeGreaterThan(10);
    labels.forEach(({ week }, index) => {
      if (index > 0) expect(week - (labels[index - 1]?.week ?? 0)).toBeGreaterThanOrEqual(3);
    });
  });
});

it("gives measures their units", () => {
  expect([duration(0), duration(1234.4), duration(12_000)]).toEqual(["0 ms", "1234 ms", "12.0 s"]);
  expect([memory(3789), memory(131_072), limit(131_072), limit(1500)]).toEqual([
    "3.7 MiB",
    "128 MiB",
    "128 MiB",
    "1.5 MiB",
  ]);
});

it("finds the words", () => {
  expect([count(1, "test"), count(0, "test"), count(1234, "person", "people")]).toEqual([
    "1 test",
    "0 tests",
    "1,234 people",
  ]);
  expect([languageWord("javascript"), languageWord("rust")]).toEqual(["JavaScript", "Rust"]);
  expect(byName(["typescript", "cpp", "c", "go"])).toEqual(["c", "cpp", "go", "typescript"]);
  expect([topicWord("two-pointers"), topicWord("input-output")]).toEqual([
    "Two pointers",
    "Input and output",
  ]);
});
