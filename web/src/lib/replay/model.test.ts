import { describe, expect, it } from "vitest";
import { Recording } from "./model";
import { randomFrom } from "./random.js";
import { differences, type Difference } from "./text";
import { anHour, Naive, wildEntries } from "./typists";
import type { ReplayEntry } from "./wire";

const seed = Number(process.env.CODEMENTOR_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31));

/** Each unit's author, as the naive model has them. */
function authors(recording: Recording, moment: number): (string | null)[] {
  return recording
    .stateAt(moment)
    .runs.flatMap(({ who, length }) => Array.from({ length }, () => recording.people[who] ?? null));
}

/** A text with parts of it replaced; their places are those of the text as it was. */
function applied(text: string, parts: Difference[]): string {
  return parts.reduceRight((all, { from, to, insert }) => all.slice(0, from) + insert + all.slice(to), text);
}

const edit = (
  seq: number,
  user_id: string | null,
  at: number,
  gone: number,
  insert: string,
): ReplayEntry => ({
  seq,
  at_ms: seq * 1000,
  user_id,
  splices: [{ at, delete: gone, insert }],
});

describe("a recording", () => {
  it("shows the text before, after and between its edits, and who wrote what", () => {
    const recording = new Recording();
    recording.push([
      edit(1, null, 0, 0, "print()\n"),
      edit(2, "ada", 6, 0, '"hi"'),
      edit(3, "ben", 7, 2, "yo"),
    ]);
    expect([0, 1, 2, 3].map((moment) => recording.stateAt(moment).text)).toEqual([
      "",
      "print()\n",
      'print("hi")\n',
      'print("yo")\n',
    ]);
    expect(recording.stateAt(3).runs.map(({ who, length }) => [recording.people[who], length])).toEqual([
      [null, 6],
      ["ada", 1],
      ["ben", 2],
      ["ada", 1],
      [null, 2],
    ]);
  });

  it("begins with the text before its first entry, and stays inside of its text whatever it is told", () => {
    const recording = new Recording("abc");
    recording.push([edit(7, "ada", 99, 5, "!"), edit(8, "ada", 3, 99, "?")]);
    expect([recording.stateAt(0).text, recording.stateAt(1).text, recording.stateAt(9).text]).toEqual([
      "abc",
      "abc!",
      "abc?",
    ]);
  });

  it("finds moments by entry and by time, and never goes back in time", () => {
    const recording = new Recording();
    recording.push([
      { seq: 1, at_ms: 0, user_id: null, splices: [] },
      { seq: 2, at_ms: 500, user_id: "ada", event: { type: "user-joined", data: {} } },
      { seq: 5, at_ms: 500, user_id: "ada", splices: [{ at: 0, delete: 0, insert: "x" }] },
      { seq: 6, at_ms: 400, user_id: "ada", splices: [{ at: 1, delete: 0, insert: "y" }] },
    ]);
    expect([-1, 0, 499, 500, 9999].map((time) => recording.momentAt(time))).toEqual([0, 1, 1, 4, 4]);
    expect([0, 1, 3, 5, 9].map((seq) => recording.momentOf(seq))).toEqual([0, 1, 2, 3, 4]);
    expect([recording.duration, recording.seqOf(3), recording.seqOf(0)]).toEqual([500, 5, 0]);
    expect(recording.events.map(({ moment, user }) => [moment, user])).toEqual([[2, "ada"]]);
    expect([
      recording.editUpTo(2),
      recording.editUpTo(4),
      recording.editAfter(0),
      recording.editAfter(4),
    ]).toEqual([0, 4, 3, null]);
  });

  it("takes each entry once, and no more than it may hold", () => {
    const recording = new Recording("", { entries: 3, units: 100 });
    const entries = [edit(1, "ada", 0, 0, "a"), edit(2, "ada", 1, 0, "b")];
    recording.push(entries);
    recording.push([...entries, edit(3, "ada", 2, 0, "c")]);
    expect([recording.count, recording.full, recording.stateAt(3).text]).toEqual([3, false, "abc"]);
    recording.push([edit(4, "ada", 3, 0, "d")]);
    expect([recording.count, recording.full]).toEqual([3, true]);
    const heavy = new Recording("", { entries: 10, units: 3 });
    heavy.push([edit(1, "ada", 0, 0, "abcd")]);
    expect([heavy.count, heavy.full]).toEqual([0, true]);
  });

  it(`is at every moment what a plain string would be (seed ${seed})`, () => {
    const random = randomFrom(seed);
    const entries = wildEntries(1_500, random);
    const recording = new Recording();
    // In pages, with looks in between, as the player does it.
    for (let at = 0; at < entries.length; at += 400) {
      recording.push(entries.slice(at, at + 400));
      recording.stateAt(Math.floor(random() * recording.count));
    }
    const naive = new Naive();
    const states = entries.map((entry) => {
      naive.apply(entry);
      return naive.text;
    });
    for (let look = 0; look < 400; look += 1) {
      const moment = 1 + Math.floor(random() * entries.length);
      expect(recording.stateAt(moment).text).toBe(states[moment - 1]);
    }
    for (let moment = 1; moment <= entries.length; moment += 1) {
      if (recording.stateAt(moment).text !== states[moment - 1]) expect.fail(`moment ${moment} differs`);
    }
    expect(authors(recording, entries.length)).toEqual(naive.authors);
  });

  it(`goes from any moment to any other by what differs alone (seed ${seed})`, () => {
    const random = randomFrom(seed);
    const recording = new Recording();
    recording.push(wildEntries(1_500, random));
    for (let look = 0; look < 300; look += 1) {
      const from = recording.stateAt(Math.floor(random() * recording.count));
      const to = recording.stateAt(Math.floor(random() * recording.count));
      expect(applied(from.text, differences(from.leaves, to.leaves))).toBe(to.text);
    }
  });

  it("leaves alone what nobody wrote at in between", () => {
    const recording = new Recording("def f():\n" + "    pass\n".repeat(500));
    recording.push([edit(1, "ada", 0, 0, "# "), edit(2, "ben", 4509, 0, "# the end")]);
    const [before, after] = [recording.stateAt(0), recording.stateAt(2)];
    expect(differences(before.leaves, after.leaves)).toEqual([
      { from: 0, to: 0, insert: "# " },
      { from: 4507, to: 4507, insert: "# the end" },
    ]);
  });

  it("keeps few keyframes of a long recording, and is right with them", () => {
    const random = randomFrom(7);
    const entries = anHour(300_000, random);
    const recording = new Recording();
    recording.push(
      entries.map((entry) => ({
        ...entry,
        splices: [{ at: 0, delete: entry.seq > 1 ? 1 : 0, insert: "z" }],
      })),
    );
    expect([recording.stateAt(299_999).text, recording.stateAt(1).text]).toEqual(["z", "z"]);
  });

  it("seeks anywhere in an hour of two authors within 100 ms", () => {
    const entries = anHour(40_000, randomFrom(20_261_121));
    const recording = new Recording();
    const began = performance.now();
    recording.push(entries);
    const loading = performance.now() - began;
    const random = randomFrom(3);
    const times = Array.from({ length: 300 }, () => {
      const start = performance.now();
      recording.stateAt(Math.floor(random() * 40_000));
      return performance.now() - start;
    }).sort((a, b) => a - b);
    const [median = 0, worst = 0] = [times[150], times.at(-1)];
    const start = performance.now();
    for (let moment = 20_000; moment < 21_000; moment += 1) recording.stateAt(moment);
    const step = (performance.now() - start) / 1000;
    process.stdout.write(
      `an hour, 40,000 edits, ${recording.stateAt(40_000).text.length} units: taken in within ${loading.toFixed(0)} ms, ` +
        `seek ${median.toFixed(2)} ms median, ${worst.toFixed(2)} ms worst, step ${step.toFixed(3)} ms\n`,
    );
    // The machine may be busy with other work for a moment.
    expect(times[297]).toBeLessThan(100);
  });
});
