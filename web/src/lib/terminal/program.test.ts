import { describe, expect, it, vi } from "vitest";
import { Program } from "./program.svelte";

/** A socket that a test speaks for. */
class FakeSocket {
  readyState = 0;
  binaryType = "";
  sent: unknown[] = [];
  onopen: () => void = () => undefined;
  onmessage: (message: { data: unknown }) => void = () => undefined;
  onclose: (event: { code: number }) => void = () => undefined;
  send(data: unknown) {
    this.sent.push(typeof data === "string" ? JSON.parse(data) : data);
  }
  close(code: number) {
    this.closed = code;
  }
  closed = 0;
  opens() {
    this.readyState = 1;
    this.onopen();
  }
  says(type: string, data: unknown = null) {
    this.onmessage({ data: JSON.stringify({ type, data }) });
  }
  writes(text: string) {
    this.onmessage({ data: new TextEncoder().encode(text).buffer });
  }
}

vi.stubGlobal("WebSocket", { OPEN: 1 });

const END = {
  cause: "exited",
  verdict: "accepted",
  exit_code: 0,
  message: null,
  compile_output: null,
  time_ms: 1,
  memory_kb: 1,
};

function talk() {
  const sockets: FakeSocket[] = [];
  const program = new Program(() => {
    const socket = new FakeSocket();
    sockets.push(socket);
    return socket as unknown as WebSocket;
  });
  const socket = (at = 0) => {
    const found = sockets[at];
    if (!found) throw new Error("no such socket");
    return found;
  };
  return { program, socket, sockets };
}

const text = (program: Program) => program.output.map((part) => new TextDecoder().decode(part)).join("");

describe("a program on a terminal", () => {
  it("runs, talks and ends, and the next one takes the same socket", () => {
    const { program, socket, sockets } = talk();
    program.resize({ columns: 100, rows: 30 });
    program.run("python", "x");
    socket().opens();
    const data = { language: "python", code: "x", columns: 100, rows: 30 };
    expect(socket().sent).toEqual([{ type: "start", data }]);
    socket().says("started");
    socket().writes("? ");
    program.type("é\r");
    expect(socket().sent[1]).toEqual(new TextEncoder().encode("é\r"));
    socket().says("ended", END);
    expect([program.phase, text(program)]).toEqual(["ended", "? "]);
    program.type("late");
    expect(socket().sent).toHaveLength(2);
    program.run("python", "y");
    expect([program.phase, text(program), sockets.length]).toEqual(["connecting", "", 1]);
  });

  it("is stopped before it is started again", () => {
    const { program, socket } = talk();
    program.run("python", "one");
    socket().opens();
    socket().says("started");
    program.run("python", "two");
    expect(socket().sent.at(-1)).toEqual({ type: "stop" });
    socket().says("ended", { ...END, cause: "stopped" });
    expect(socket().sent.at(-1)).toMatchObject({ type: "start", data: { code: "two" } });
  });

  it("fails in words when it is refused or the connection is lost", () => {
    const { program, socket } = talk();
    program.run("python", "x");
    socket().opens();
    socket().says("error", { code: "too_many_terminals", message: "Two run already." });
    expect([program.phase, program.failure?.message]).toEqual(["failed", "Two run already."]);
    program.run("python", "x");
    socket().says("started");
    socket().onclose({ code: 1012 });
    expect(program.failure?.message).toMatch(/restarts/);
    program.run("python", "x");
    socket(1).onclose({ code: 1006 });
    expect([program.phase, program.active]).toEqual(["failed", false]);
  });

  it("keeps the last of what was written, and cuts what is pasted", () => {
    const { program, socket } = talk();
    program.run("python", "x");
    socket().opens();
    socket().says("started");
    for (let n = 0; n < 40; n += 1) socket().writes("x".repeat(16 * 1024));
    expect(text(program).length).toBeLessThanOrEqual(256 * 1024);
    program.type("y".repeat(40_000));
    expect(
      socket()
        .sent.slice(1)
        .map((part) => (part as Uint8Array).length),
    ).toEqual([16_384, 16_384, 7_232]);
  });
});
