import { beforeEach, describe, expect, it } from "vitest";
import { DraftStore, MAX_DRAFTS } from "./drafts";
import { FakeStorage } from "./fake-storage";

let storage: FakeStorage;
let now = 0;
const store = (owner = "ada") => new DraftStore(storage, owner, () => now);

beforeEach(() => {
  storage = new FakeStorage();
  now = 1000;
});

describe("DraftStore", () => {
  it("gives back what was written, by person, challenge and language", () => {
    expect(store().write("pair-sum", "python", "x = 1")).toBe("saved");
    expect(store().read("pair-sum", "python")?.code).toBe("x = 1");
    expect(store().read("pair-sum", "javascript")).toBeNull();
    expect(store("bob").read("pair-sum", "python")).toBeNull();
  });

  it("keeps names with colons and percent signs apart", () => {
    store("a:b").write("c", "python", "1");
    store("a").write("b", "c:python", "2");
    expect(store("a:b").read("c", "python")?.code).toBe("1");
    expect(store("a:b").list()).toHaveLength(1);
  });

  it("lists the newest first", () => {
    for (const name of ["one", "two", "three"]) {
      now += 1;
      store().write(name, "python", name);
    }
    expect(
      store()
        .list()
        .map((draft) => draft.challenge),
    ).toEqual(["three", "two", "one"]);
  });

  it("finds the draft of a challenge that was written last", () => {
    store().write("pair-sum", "javascript", "older");
    now += 1;
    store().write("pair-sum", "python", "newer");
    now += 1;
    store().write("pair-sum", "cobol", "in a language that is gone");
    store().write("other", "javascript", "of another challenge");
    const languages = ["javascript", "python"];
    expect(store().newest("pair-sum", languages)?.code).toBe("newer");
    expect(store("bob").newest("pair-sum", languages)).toBeNull();
  });

  it("drops the oldest beyond the bound", () => {
    for (let n = 0; n <= MAX_DRAFTS; n += 1) {
      now += 1;
      store().write(`challenge-${n}`, "python", "x");
    }
    expect(store().list()).toHaveLength(MAX_DRAFTS);
    expect(store().read("challenge-0", "python")).toBeNull();
  });

  it("makes room by dropping old drafts when the storage is full", () => {
    storage.room = 2000;
    for (let n = 0; n < 5; n += 1) {
      now += 1;
      expect(store().write(`challenge-${n}`, "python", "x".repeat(600))).toBe("saved");
    }
    expect(store().read("challenge-4", "python")?.code).toHaveLength(600);
  });

  it("says so when nothing helps", () => {
    storage.room = 100;
    expect(store().write("pair-sum", "python", "x".repeat(500))).toBe("full");
    expect(new DraftStore(null, "ada").write("pair-sum", "python", "x")).toBe("unavailable");
  });

  it("survives what others wrote under its keys", () => {
    storage.setItem("codementor.draft:ada:pair-sum:python", "not json");
    storage.setItem("codementor.draft:ada:two:python", '{"code": 5}');
    storage.setItem("other", "x");
    expect(store().read("pair-sum", "python")).toBeNull();
    expect(store().list()).toEqual([]);
  });

  it("takes over drafts from before signing in, but never over one's own", () => {
    store("~").write("one", "python", "anonymous");
    store("~").write("two", "python", "anonymous");
    store().write("two", "python", "own");
    store().adopt("~");
    expect(store().read("one", "python")?.code).toBe("anonymous");
    expect(store().read("two", "python")?.code).toBe("own");
    expect(store("~").list()).toEqual([]);
  });
});
