import { expect, it } from "vitest";
import type { ChallengeSummary } from "$lib/api/types";
import { unfinished } from "./continue";

const challenge = (id: string, status: ChallengeSummary["status"]) => ({ id, status }) as ChallengeSummary;
const draft = (id: string, language = "python") => ({ challenge: id, language, code: "", at: 0 });

it("lists drafts first, each challenge once, and nothing that is solved", () => {
  const all = [
    challenge("a", "todo"),
    challenge("b", "attempted"),
    challenge("c", "solved"),
    challenge("d", "todo"),
  ];
  const drafts = [draft("a"), draft("c"), draft("a", "javascript"), draft("gone")];
  const result = unfinished(drafts, all, 5).map((one) => [one.challenge.id, one.draft?.language ?? null]);
  expect(result).toEqual([
    ["a", "python"],
    ["b", null],
  ]);
});
