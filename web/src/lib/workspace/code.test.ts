import { beforeEach, describe, expect, it } from "vitest";
import type { ChallengeDetail } from "$lib/api/types";
import { CodeState } from "./code.svelte";
import { DraftStore } from "./drafts";
import { FakeStorage } from "./fake-storage";

const challenge = {
  id: "pair-sum",
  languages: ["python", "javascript"],
  starter_code: { python: "# starter", javascript: "// starter" },
} as Partial<ChallengeDetail> as ChallengeDetail;

let now = 0;
let drafts: DraftStore;

beforeEach(() => {
  now = 1000;
  drafts = new DraftStore(new FakeStorage(), "ada", () => (now += 1));
});

const opened = (preferred: string) => {
  const { language, code, save } = new CodeState(challenge, drafts, preferred);
  return { language, code, save };
};

describe("a challenge opens", () => {
  it("in the last used language, as long as nothing was written", () => {
    expect(opened("javascript")).toEqual({ language: "javascript", code: "// starter", save: "pristine" });
    drafts.write("another", "python", "elsewhere");
    expect(opened("javascript").language).toBe("javascript");
  });

  it("in its first language, when it does not know the last used one", () => {
    expect(opened("cobol").language).toBe("python");
  });

  it("in the language of the newest draft, whatever was used last", () => {
    drafts.write("pair-sum", "javascript", "// begun");
    drafts.write("pair-sum", "python", "# gone on");
    expect(opened("javascript")).toEqual({ language: "python", code: "# gone on", save: "saved" });
    drafts.write("pair-sum", "javascript", "// back again");
    expect(opened("python").code).toBe("// back again");
  });

  it("in a language that it still has", () => {
    drafts.write("pair-sum", "cobol", "of old");
    expect(opened("javascript").language).toBe("javascript");
  });

  it("without a storage", () => {
    drafts = new DraftStore(null, "ada");
    expect(opened("javascript").language).toBe("javascript");
  });
});
