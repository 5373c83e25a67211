import { beforeEach, describe, expect, it, vi } from "vitest";
import { LiveSocket, parseEvent } from "./socket";

class FakeSocket {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  sent: string[] = [];
  closed: number | null = null;
  send(text: string) {
    this.sent.push(text);
  }
  close(code: number) {
    this.closed = code;
  }
}

let sockets: FakeSocket[];
let timers: { run: () => void; ms: number }[];
let live: LiveSocket;
const last = () => sockets.at(-1) as FakeSocket;
const event = (type: string, data: unknown, id?: string) => ({ data: JSON.stringify({ type, data, id }) });

beforeEach(() => {
  sockets = [];
  timers = [];
  live = new LiveSocket({
    open: () => {
      const socket = new FakeSocket();
      sockets.push(socket);
      return socket as unknown as WebSocket;
    },
    random: () => 1,
    setTimer: (run, ms) => timers.push({ run, ms }),
    clearTimer: (timer) => void timers.splice(timer - 1, 1),
  });
  live.start();
});

describe("LiveSocket", () => {
  it("hands events to their listeners until these leave", () => {
    const heard = vi.fn();
    const leave = live.on("leaderboard-update", heard);
    last().onopen?.();
    last().onmessage?.(event("leaderboard-update", { rank: 1, xp: 10 }));
    leave();
    last().onmessage?.(event("leaderboard-update", { rank: 2, xp: 10 }));
    expect(heard.mock.calls).toEqual([[{ rank: 1, xp: 10 }]]);
  });

  it("waits longer after each failure, and starts anew after a success", () => {
    last().onclose?.({ code: 1006 });
    timers.at(-1)?.run();
    last().onclose?.({ code: 1006 });
    timers.at(-1)?.run();
    last().onopen?.();
    last().onclose?.({ code: 1012 });
    expect(timers.map((timer) => timer.ms)).toEqual([500, 1000, 500]);
  });

  it("asks for what it missed, from the last numbered event on", () => {
    last().onopen?.();
    last().onmessage?.(event("progress-update", {}, "41"));
    last().onmessage?.(event("hello", {}));
    last().onclose?.({ code: 1006 });
    timers.at(-1)?.run();
    last().onopen?.();
    expect(last().sent).toEqual(['{"type":"resume","data":{"last_event_id":"41"}}']);
  });

  it("reports a gap when the server has forgotten, or when there is no number to go on from", () => {
    const gap = vi.fn();
    live.onGap = gap;
    last().onopen?.();
    expect(gap).not.toHaveBeenCalled();
    last().onclose?.({ code: 1006 });
    timers.at(-1)?.run();
    last().onopen?.();
    expect(gap).toHaveBeenCalledTimes(1);
    last().onmessage?.(event("resumed", { gap: false }));
    last().onmessage?.(event("resumed", { gap: true }));
    expect(gap).toHaveBeenCalledTimes(2);
  });

  it("stays away when the session is refused", () => {
    const refused = vi.fn();
    live.onRefused = refused;
    last().onclose?.({ code: 4401 });
    expect([refused.mock.calls.length, timers.length, live.state]).toEqual([1, 0, "idle"]);
  });

  it("does not come back after it was stopped", () => {
    const socket = last();
    live.stop();
    socket.onclose?.({ code: 1000 });
    expect([socket.closed, timers.length, live.state]).toEqual([1000, 0, "idle"]);
  });

  it("connects at once when the network is back", () => {
    last().onclose?.({ code: 1006 });
    live.hurry();
    expect([sockets.length, live.state]).toEqual([2, "connecting"]);
  });
});

it("ignores frames that are no events", () => {
  for (const frame of ["", "5", "null", "[]", "{}", '{"type":1}', new ArrayBuffer(2)])
    expect(parseEvent(frame)).toBeNull();
  expect(parseEvent('{"type":"x","data":5,"id":7}')).toEqual({ type: "x", data: {}, id: null });
});
