import { describe, expect, it } from "vitest";
import { banner, linkWord, type Standing } from "./status";

const well: Standing = {
  link: { kind: "open" },
  lost: null,
  arrived: true,
  mayWrite: true,
  manages: false,
  role: "navigator",
  driver: null,
  handRaised: false,
  storageDown: false,
  textRoom: "free",
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

  it("says when no more fits, and what to do", () => {
    expect(said({ textRoom: "full" })?.text).toContain("Delete something");
    expect(said({ textRoom: "spent" })?.actions).toContain("copy");
    expect(said({ textRoom: "full", role: "viewer", mayWrite: false })?.id).toBe("viewer");
  });

  it("counts down to the next attempt", () => {
    const waiting = { link: { kind: "waiting", until: 0, why: "cut" }, lost: "cut" } as const;
    expect(said({ ...waiting, seconds: 4 })?.meanwhile).toBe("Next attempt in 4 s.");
    expect(said({ ...waiting, seconds: 0 })?.meanwhile).toBe("Trying again…");
  });

  it("says the same from one attempt to the next, and nothing of a cut that is mended at once", () => {
    const until = { kind: "waiting", until: 0, why: "cut" } as const;
    const connecting = { kind: "connecting" } as const;
    expect([said({ link: until }), said({ link: connecting })]).toEqual([null, null]);
    const during = said({ link: connecting, lost: "cut" });
    expect(during).toEqual(said({ link: until, lost: "cut" }));
    expect(during).toMatchObject({ id: "reconnecting", actions: ["reconnect"] });
    expect([linkWord(connecting, false, true), linkWord(until, false, true)]).toEqual([
      "Reconnecting…",
      "Reconnecting…",
    ]);
  });

  it.each([
    ["too-slow", "Your connection could not keep up with the session"],
    ["too-fast", "Too much came from this tab at once"],
    ["full", "This session is full"],
  ] as const)("says why it waits: %s", (why, title) => {
    const waiting = said({ link: { kind: "waiting", until: 0, why }, lost: why, arrived: false });
    expect(waiting).toMatchObject({ id: why, title, actions: ["reconnect"] });
    expect(said({ link: { kind: "open" }, lost: why, arrived: false })).toEqual(waiting);
  });

  it("says who has ended it", () => {
    const ended = { link: { kind: "over", why: "ended" } } as const;
    expect(said({ ...ended, endedBy: "You have" })?.title).toBe("You have ended this session");
    expect(said({ ...ended, endedBy: "Ada has" })?.title).toBe("Ada has ended this session");
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
  expect(linkWord({ kind: "open" }, true, false)).toBe("Live");
  expect(linkWord({ kind: "open" }, false, false)).toBe("Fetching…");
  expect(linkWord({ kind: "over", why: "ended" }, false, false)).toBe("Ended");
});
