import { describe, expect, it } from "vitest";
import { ApiError, networkError } from "$lib/api/error";
import { colourAt, NOBODYS_COLOUR } from "$lib/editor/colours";
import type { RunResult } from "$lib/session/wire";
import { Judgements } from "./judgements.svelte";
import { Player } from "./player.svelte";
import type { Replay, ReplayEntry } from "./wire";

const entries: ReplayEntry[] = Array.from({ length: 6 }, (_, index) => ({
  seq: index + 1,
  at_ms: index * 1000,
  user_id: index === 0 ? null : "ada",
  ...(index === 3
    ? { event: { type: "new-message", data: { message: "Hi" } } }
    : { splices: [{ at: index, delete: 0, insert: String(index) }] }),
}));

const page = (from: number, to: number, last = entries.length, recording = true): Replay =>
  ({
    header: {
      session: { id: "s", recording, ended_at: null },
      people: [{ user_id: "ada", username: "Ada", role: "driver", color: "#112233" }],
      imported: false,
      started_at: "",
      duration_ms: (last - 1) * 1000,
      last_seq: last,
      languages: [
        { seq: 0, language: "python" },
        { seq: 3, language: "javascript" },
      ],
    },
    keyframe: { seq: from, code: "" },
    items: entries.slice(from, to),
    next_cursor: to < last ? String(to) : null,
  }) as unknown as Replay;

/** Answers one after another; what is called at each question comes first. */
function playerOf(answers: (() => Replay)[]) {
  const asked: (string | null)[] = [];
  const player = new Player({
    page: (_, cursor) => {
      asked.push(cursor);
      const answer = answers[asked.length - 1];
      if (!answer) return Promise.reject(new Error("asked too often"));
      return Promise.resolve().then(answer);
    },
  });
  return { player, asked };
}

it("says in which language the text is at each moment", async () => {
  const { player } = playerOf([() => page(0, 6)]);
  expect(player.language).toBe("");
  await player.load();
  const at = (moment: number) => {
    player.moment = moment;
    return player.language;
  };
  expect([0, 2, 3, 6].map(at)).toEqual(["python", "python", "javascript", "javascript"]);
});

it("gives everybody who did something a colour of their own, whatever they had in the session", async () => {
  const two = page(0, 6);
  const items = entries.map((entry, index) => ({
    ...entry,
    user_id: [null, "ada", "ben"][index % 3] ?? null,
  }));
  const { player } = playerOf([() => ({ ...two, items })]);
  await player.load();
  expect(["ada", "ben", null, "eve"].map(player.colorOf)).toEqual([
    colourAt(0),
    colourAt(1),
    NOBODYS_COLOUR,
    NOBODYS_COLOUR,
  ]);
});

describe("a recording on its way in", () => {
  it("comes page by page, and can be played from the first one on", async () => {
    const { player, asked } = playerOf([
      () => page(0, 3),
      () => {
        player.go(2);
        expect([player.count, player.loadedTo, player.duration, player.complete]).toEqual([
          3,
          2000,
          5000,
          false,
        ]);
        return page(3, 6);
      },
    ]);
    await player.load();
    expect([asked, player.complete, player.count, player.state.text]).toEqual([[null, "3"], true, 6, "01"]);
    expect(player.happenings.map(({ kind }) => kind)).toEqual(["chat"]);
  });

  it("goes where somebody wanted to as soon as that is there", async () => {
    const { player } = playerOf([
      () => page(0, 2),
      () => {
        player.seek(4000);
        expect([player.moment, player.time]).toEqual([2, 4000]);
        return page(2, 6);
      },
    ]);
    await player.load();
    expect([player.moment, player.time, player.state.text]).toEqual([5, 4000, "0124"]);
  });

  it("keeps what is there when the rest fails, and goes on from there", async () => {
    const { player, asked } = playerOf([
      () => page(0, 2),
      () => {
        throw networkError();
      },
      () => page(2, 6),
    ]);
    await player.load();
    expect([player.error?.code, player.count, player.complete]).toEqual(["network_error", 2, false]);
    await player.load();
    expect([player.error, player.count, asked]).toEqual([null, 6, [null, "2", "2"]]);
  });

  it("asks a session that goes on only for what is new", async () => {
    const { player, asked } = playerOf([() => page(0, 4, 4), () => page(4, 6)]);
    await player.load();
    await player.load();
    expect([asked, player.count, player.duration]).toEqual([[null, "4"], 6, 5000]);
  });

  it("shows nothing of a session that is not recorded", async () => {
    const { player } = playerOf([() => page(0, 6, 6, false)]);
    await player.load();
    expect([player.header, player.error?.code, player.count]).toEqual([null, "not_recorded", 0]);
  });

  it("steps by edit and by event, in both directions, and stops at the ends", async () => {
    const { player } = playerOf([() => page(0, 6)]);
    await player.load();
    const moments: number[] = [];
    for (let step = 0; step < 7; step += 1) {
      player.stepEdit(1);
      moments.push(player.moment);
    }
    expect(moments).toEqual([1, 2, 3, 5, 6, 6, 6]);
    for (let step = 0; step < 7; step += 1) {
      player.stepEdit(-1);
      moments.push(player.moment);
    }
    expect(moments.slice(7)).toEqual([5, 4, 2, 1, 0, 0, 0]);
    expect([player.stepHappening(-1), player.stepHappening(1)?.kind, player.moment]).toEqual([
      null,
      "chat",
      4,
    ]);
    expect(player.stepHappening(1)).toBe(null);
  });
});

describe("judging a moment", () => {
  const result = { run_id: "r", kind: "run", verdict: "wrong_answer", tests: [], xp: [], error: "" };

  it("is remembered for the moment, and can be tried again when it failed", async () => {
    let answer: () => RunResult = () => {
      throw new ApiError(503, "judge_unavailable", "Not now.");
    };
    const judgements = new Judgements("ada", async () => answer());
    await judgements.judge(3);
    expect([judgements.of(3)?.phase, judgements.of(3)?.error?.code]).toEqual(["failed", "judge_unavailable"]);
    answer = () => result as unknown as RunResult;
    await judgements.judge(3);
    expect([judgements.of(3)?.phase, judgements.of(3)?.outcome?.verdict]).toEqual([
      "finished",
      "wrong_answer",
    ]);
    expect(judgements.of(2)).toBe(null);
    for (let seq = 10; seq < 70; seq += 1) await judgements.judge(seq);
    expect([judgements.of(3), judgements.of(69)?.phase]).toEqual([null, "finished"]);
  });
});
