import { describe, expect, it } from "vitest";
import { banner, linkWord, type Standing } from "./status";

const well: Standing = {
  link: { kind: "open" },
  arrived: true,
  mayWrite: true,
  manages: false,
  role: "navigator",
  driver: null,
  handRaised: false,
  storageDown: false,
  kept: "none",
  endedBy: null,
  seconds: 0,
};

const said = (part: Partial<Standing>) => banner({ ...well, ...part });

describe("the banner", () => {
  it("is silent when all is well", () => {
    expect(said({})).toBeNull();
    expect(said({ link: { kind: "connecting" }, arrived: false, mayWrite: false })).toBeNull();
  });

  it.each([
    ["ended", "This session has ended"],
    ["signed-out", "You are signed out"],
    ["refused", "You are no longer in this session"],
    ["missing", "This session is not there any more"],
  ] as const)("says the end: %s", (why, title) => {
    expect(said({ link: { kind: "over", why }, storageDown: true, mayWrite: false })?.title).toBe(title);
  });

  it("counts down to the next attempt", () => {
    const waiting = { link: { kind: "waiting", until: 0 } } as const;
    expect(said({ ...waiting, seconds: 4 })?.text).toContain("Next attempt in 4 s.");
    expect(said({ ...waiting, seconds: 0 })?.text).toContain("Trying again…");
  });

  it("does not promise what the tab cannot keep", () => {
    expect(said({ link: { kind: "offline" } })?.text).toContain("it is kept in this tab");
    expect(said({ link: { kind: "offline" }, kept: "too-large" })?.text).toContain("keep it open");
  });

  it("tells who has the keyboard, and the way to it", () => {
    const locked = { mayWrite: false, driver: "Ada" };
    expect(said(locked)).toMatchObject({ title: "Ada has the keyboard", actions: ["raise-hand"] });
    expect(said({ ...locked, handRaised: true })?.actions).toEqual(["lower-hand"]);
    expect(said({ ...locked, manages: true })?.actions).toEqual(["take"]);
    expect(said({ ...locked, role: "viewer" })?.title).toBe("You are watching");
    expect(said({ mayWrite: false })?.title).toBe("Nobody has the keyboard");
  });

  it("puts the connection before the keyboard", () => {
    expect(said({ link: { kind: "offline" }, mayWrite: false })?.id).toBe("offline");
    expect(said({ storageDown: true })?.id).toBe("storage");
  });
});

it("has a word for every state of the connection", () => {
  expect(linkWord({ kind: "open" }, true)).toBe("Live");
  expect(linkWord({ kind: "open" }, false)).toBe("Fetching the text…");
  expect(linkWord({ kind: "over", why: "ended" }, false)).toBe("Ended");
});
