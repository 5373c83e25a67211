import { beforeEach, describe, expect, it, vi } from "vitest";
import { FakeServer } from "./fake-server";
import { SessionLink, type LinkState } from "./link";

let server: FakeServer;
let link: SessionLink;
let states: LinkState[];
const closed = vi.fn();

beforeEach(() => {
  server = new FakeServer();
  states = [];
  closed.mockReset();
  link = new SessionLink(server.surroundings(), {
    state: (state) => void states.push(state),
    opened: () => undefined,
    closed,
    binary: () => undefined,
    event: () => undefined,
  });
  link.connect();
});

describe("the link", () => {
  it("comes back after ever longer waits, at most ten seconds", async () => {
    const waits: number[] = [];
    for (let n = 0; n < 8; n += 1) {
      server.last.cut();
      const state = link.state;
      if (state.kind === "waiting") waits.push(state.until - server.clock.now);
      await server.clock.pass(10_000);
    }
    expect(waits).toEqual([250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
  });

  it("begins the back-off anew only after a connection that lasted", async () => {
    for (const lasted of [100, 100, 6000]) {
      server.last.accept();
      await server.clock.pass(lasted);
      server.last.cut(4400);
      await server.clock.pass(1000);
    }
    const waits = states.flatMap((state) => (state.kind === "waiting" ? [state.until] : []));
    expect(waits.map((until, n) => until - ([100, 1200, 8200][n] ?? 0))).toEqual([250, 500, 250]);
  });

  it.each([
    [1000, "ended"],
    [4401, "signed-out"],
    [4403, "refused"],
    [4404, "missing"],
  ])("stays away after close code %i", async (code, why) => {
    server.last.accept();
    server.last.cut(code);
    await server.clock.pass(60_000);
    expect([link.state, server.sockets.length]).toEqual([{ kind: "over", why }, 1]);
  });

  it.each([1012, 4408, 4429, 4400, 1006])("returns after close code %i", async (code) => {
    server.last.accept();
    server.last.cut(code);
    await server.clock.pass(2000);
    expect(server.sockets).toHaveLength(2);
  });

  it.each([
    [4408, "too_slow", "too-slow", 250],
    [4429, "rate_limit", "too-fast", 2_000],
    [4403, "session_full", "full", 10_000],
    [1006, "", "cut", 250],
  ])("says why it waits after close code %i, and long enough", (code, reason, why, wait) => {
    server.last.accept();
    server.last.cut(code, reason);
    expect(link.state).toEqual({ kind: "waiting", until: server.clock.now + wait, why });
  });

  it("gives a connection up that is only half there", async () => {
    server.answers = false;
    server.last.accept();
    const [first] = server.sockets;
    await server.clock.pass(44_000);
    expect(server.sockets).toHaveLength(1);
    await server.clock.pass(2000);
    expect([server.sockets.length, first?.closed, closed.mock.calls]).toEqual([2, 1000, [[0]]]);
  });

  it("keeps a quiet connection that answers", async () => {
    server.last.accept();
    await server.clock.pass(600_000);
    expect(server.sockets).toHaveLength(1);
  });

  it("gives a handshake up that does not come", async () => {
    await server.clock.pass(15_300);
    expect(server.sockets).toHaveLength(2);
  });

  it("asks the other side before it believes that the network is gone", async () => {
    server.last.accept();
    server.online = false;
    link.networkLost();
    await server.clock.pass(4000);
    expect(link.state.kind).toBe("open");

    server.answers = false;
    link.networkLost();
    await server.clock.pass(3000);
    expect(link.state.kind).toBe("offline");
  });

  it("does not wait when the network is back", () => {
    server.online = false;
    server.last.cut();
    expect(link.state.kind).toBe("offline");
    server.online = true;
    link.hurry();
    expect([link.state.kind, server.sockets.length]).toEqual(["connecting", 2]);
  });

  it("does not come back once it was left", async () => {
    server.last.accept();
    link.close();
    await server.clock.pass(60_000);
    expect([server.sockets.length, server.last.closed]).toEqual([1, 1000]);
  });
});
