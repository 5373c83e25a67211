import { beforeEach, describe, expect, it } from "vitest";
import { DraftStore } from "./drafts";
import { FakeStorage } from "./fake-storage";
import { arrived, left } from "./former-guest";

let storage: FakeStorage;
const draft = (owner: string) => new DraftStore(storage, owner).read("pair-sum", "python")?.code;

beforeEach(() => {
  storage = new FakeStorage();
  arrived(storage, { id: "guest", kind: "guest" });
  new DraftStore(storage, "guest").write("pair-sum", "python", "x = 1");
});

describe("A guest's drafts", () => {
  it("come along into an account with another id", () => {
    arrived(storage, { id: "octocat", kind: "github" });
    expect(draft("octocat")).toBe("x = 1");
    expect(draft("guest")).toBeUndefined();
  });

  it("give way to those that the account has", () => {
    new DraftStore(storage, "octocat").write("pair-sum", "python", "x = 2");
    arrived(storage, { id: "octocat", kind: "github" });
    expect(draft("octocat")).toBe("x = 2");
  });

  it("stay where they are when the guest has become the account", () => {
    arrived(storage, { id: "guest", kind: "github" });
    expect(draft("guest")).toBe("x = 1");
  });

  it("do not go to somebody who comes after the guest has left", () => {
    left(storage);
    arrived(storage, { id: "octocat", kind: "github" });
    expect(draft("octocat")).toBeUndefined();
    expect(draft("guest")).toBe("x = 1");
  });
});
