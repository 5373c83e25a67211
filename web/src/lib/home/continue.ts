/** Where somebody left off: what they typed and did not solve, then what they handed in without success. */
import type { ChallengeSummary } from "$lib/api/types";
import type { Draft } from "$lib/workspace/drafts";

export interface Unfinished {
  challenge: ChallengeSummary;
  /** The newest draft, when there is one in this browser. */
  draft: Draft | null;
}

export function unfinished(
  drafts: readonly Draft[],
  all: readonly ChallengeSummary[],
  most: number,
): Unfinished[] {
  const open = new Map(all.filter(({ status }) => status !== "solved").map((one) => [one.id, one]));
  const result: Unfinished[] = [];
  for (const draft of drafts) {
    const challenge = open.get(draft.challenge);
    if (!challenge) continue;
    // Drafts come newest first; the second of another language adds nothing.
    open.delete(draft.challenge);
    result.push({ challenge, draft });
  }
  for (const challenge of open.values()) {
    if (challenge.status === "attempted") result.push({ challenge, draft: null });
  }
  return result.slice(0, most);
}
