import * as decoding from "lib0/decoding";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeStorage } from "$lib/workspace/fake-storage";
import { FakeServer } from "./fake-server";
import { type LinkState } from "./link";
import { SessionProvider, type Refusal } from "./provider";
import { MAX_UNSENT, Unsent, type Kept } from "./unsent";

let server: FakeServer;
let storage: FakeStorage;
let provider: SessionProvider;
let states: LinkState[];
let refusals: Refusal[];
let kept: Kept[];
const heard = vi.fn();
const made: SessionProvider[] = [];

function newProvider(): SessionProvider {
  const created = new SessionProvider(server.surroundings(), new Unsent(storage, "s", "ada"), {
    link: (state) => void states.push(state),
    synced: () => undefined,
    replaced: () => undefined,
    refused: (refusal) => void refusals.push(refusal),
    kept: (how) => void kept.push(how),
    event: heard,
  });
  made.push(created);
  return created;
}

const type = (text: string) => {
  provider.shared.text.insert(provider.shared.text.length, text);
};
const own = () => provider.shared.text.toString();
const stored = () => Array.from({ length: storage.length }, (_, n) => storage.key(n));

/** Connects and lets everything calm down. */
async function come(): Promise<void> {
  provider.connect();
  server.last.accept();
  await server.clock.pass(10);
}

beforeEach(() => {
  server = new FakeServer();
  server.doc.getText("code").insert(0, "start ");
  storage = new FakeStorage();
  states = [];
  refusals = [];
  kept = [];
  heard.mockReset();
  provider = newProvider();
});

afterEach(() => {
  for (const one of made.splice(0)) one.destroy();
});

describe("the shared text", () => {
  it("becomes equal on coming, and stays so in both directions", async () => {
    await come();
    expect([own(), provider.synced]).toEqual(["start ", true]);
    type("mine ");
    server.write(0, "theirs ");
    expect([own(), server.text]).toEqual(["theirs start mine ", "theirs start mine "]);
  });

  it("merges what both wrote while they were apart", async () => {
    await come();
    server.last.cut();
    type("offline ");
    server.write(0, "meanwhile ");
    await server.clock.pass(300);
    server.last.accept();
    expect([own(), server.text]).toEqual(["meanwhile start offline ", "meanwhile start offline "]);
  });

  it("sends nothing back of what it was told", async () => {
    await come();
    const before = server.last.binary.filter((frame) => frame[0] === 0).length;
    server.write(0, "x");
    expect(server.last.binary.filter((frame) => frame[0] === 0)).toHaveLength(before);
  });
});

describe("what was typed and may not have arrived", () => {
  it("is kept in the tab until the session has certainly read it", async () => {
    await come();
    server.last.cut();
    type("precious ");
    await server.clock.pass(240);
    expect([kept, stored().length]).toEqual([["kept"], 1]);

    await server.clock.pass(20);
    server.last.accept();
    await server.clock.pass(2000);
    expect([server.text, provider.dirty, kept.at(-1), stored()]).toEqual([
      "start precious ",
      false,
      "none",
      [],
    ]);
  });

  it("comes back after a reload without a connection", async () => {
    await come();
    server.last.cut();
    type("precious ");
    provider.flush();
    provider = newProvider();
    await come();
    expect([own(), server.text]).toEqual(["start precious ", "start precious "]);
    await server.clock.pass(2000);
    expect(stored()).toEqual([]);
  });

  it("is not taken for confirmed when it was typed during the confirmation", async () => {
    await come();
    type("one ");
    server.answers = false;
    await server.clock.pass(1000);
    type("two ");
    const ping = server.last.events.findLast((event) => event.type === "ping");
    server.last.say("ack", {}, ping?.id);
    await server.clock.pass(0);
    expect(provider.dirty).toBe(true);
  });

  it("says so when it is too much to keep", async () => {
    await come();
    server.last.cut();
    type("x".repeat(MAX_UNSENT));
    await server.clock.pass(200);
    expect([kept, own().length]).toEqual([["too-large"], MAX_UNSENT + 6]);
  });

  it("is nobody else's: another person in the same tab does not inherit it", () => {
    new Unsent(storage, "s", "ada").write(new Uint8Array([1, 2]));
    expect(new Unsent(storage, "s", "grace").read()).toBeNull();
    expect(new Unsent(storage, "s", "ada").read()).toEqual(new Uint8Array([1, 2]));
  });

  it("is left aside when it cannot be read", async () => {
    new Unsent(storage, "s", "ada").write(new Uint8Array([255, 255, 255]));
    provider = newProvider();
    await come();
    expect([own(), stored()]).toEqual(["start ", []]);
  });
});

describe("what the session does not take", () => {
  it.each([
    ["read_only", "read-only"],
    ["too_large", "too-large"],
  ])("after %s is handed out, and the text is everybody's again", async (code, why) => {
    await come();
    const before = provider.shared.doc;
    server.refuses = code;
    type("too late");
    await server.clock.pass(10);
    expect(refusals).toEqual([{ why, text: "start too late" }]);
    expect([own(), provider.shared.doc === before, provider.dirty]).toEqual(["start ", false, false]);

    server.refuses = null;
    type("again");
    expect(server.text).toBe("start again");
  });

  it.each([1009, 4413])("after close code %i is handed out, too", async (code) => {
    await come();
    type("huge");
    server.doc = new (server.doc.constructor as typeof import("yjs").Doc)();
    server.last.cut(code);
    expect(refusals).toEqual([{ why: "too-large", text: "start huge" }]);
    await server.clock.pass(300);
    server.last.accept();
    expect(own()).toBe("");
  });

  it("is nothing when nothing was typed", async () => {
    await come();
    server.last.say("error", { code: "read_only" });
    expect([refusals, own()]).toEqual([[], "start "]);
  });
});

describe("events", () => {
  it("are kept promises once they are answered", async () => {
    await come();
    await expect(provider.request("session-message", { message: "hi" })).resolves.toBeUndefined();
    expect(server.last.events.at(-1)).toMatchObject({ type: "session-message", data: { message: "hi" } });
  });

  it("are broken ones with the session's reason", async () => {
    await come();
    server.answers = false;
    const asked = provider.request("run-code", {});
    server.last.say("error", { code: "rate_limited", message: "Slowly." }, server.last.events.at(-1)?.id);
    await expect(asked).rejects.toMatchObject({ code: "rate_limited", message: "Slowly." });
  });

  it("are not left waiting for ever", async () => {
    await come();
    server.answers = false;
    const cut = provider.request("run-code", {});
    server.last.cut();
    await expect(cut).rejects.toMatchObject({ code: "disconnected" });
    await expect(provider.request("run-code", {})).rejects.toMatchObject({ code: "disconnected" });
  });

  it("reach the room, and ask for its state on every coming", async () => {
    await come();
    server.last.say("new-message", { id: "1" });
    expect(heard).toHaveBeenCalledWith("new-message", { id: "1" });
    server.last.cut();
    await server.clock.pass(300);
    server.last.accept();
    expect(server.last.events[0]).toMatchObject({ type: "join-session", data: { code_updates: false } });
  });
});

describe("awareness", () => {
  /** The clock of the first own state in an awareness frame. */
  function clockOf(frame: Uint8Array): number {
    const outer = decoding.createDecoder(frame);
    decoding.readVarUint(outer);
    const inner = decoding.createDecoder(decoding.readVarUint8Array(outer));
    decoding.readVarUint(inner);
    decoding.readVarUint(inner);
    return decoding.readVarUint(inner);
  }
  const frames = () => server.last.binary.filter((frame) => frame[0] === 1);

  it("is renewed after a reconnect, newer than the news of having left", async () => {
    await come();
    provider.show("hand", true);
    await server.clock.pass(100);
    const before = clockOf(frames().at(-1) as Uint8Array);
    server.last.cut();
    await server.clock.pass(300);
    server.last.accept();
    expect(clockOf(frames()[0] as Uint8Array)).toBeGreaterThan(before + 1);
    expect(provider.shared.awareness.getLocalState()).toMatchObject({ hand: true });
  });

  it("is sent in bundles", async () => {
    await come();
    const before = frames().length;
    for (let n = 0; n < 50; n += 1) provider.show("typing", n);
    await server.clock.pass(100);
    expect(frames()).toHaveLength(before + 1);
  });
});
