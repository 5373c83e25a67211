/** For tests: a session's server in memory, its sockets, and a clock that moves when it is told to. */
import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import { readSyncMessage, writeSyncStep1, writeUpdate } from "y-protocols/sync";
import * as Y from "yjs";
import type { Surroundings } from "./link";

export class Clock {
  now = 0;
  #timers = new Map<number, { at: number; run: () => void }>();
  #next = 1;

  setTimer = (run: () => void, ms: number): number => {
    this.#timers.set(this.#next, { at: this.now + ms, run });
    return this.#next++;
  };

  clearTimer = (timer: number): void => {
    this.#timers.delete(timer);
  };

  /** Moves on, timer by timer, and lets promises settle in between. */
  async pass(ms: number): Promise<void> {
    const end = this.now + ms;
    for (;;) {
      await settle();
      const due = Array.from(this.#timers).sort(([, a], [, b]) => a.at - b.at)[0];
      if (!due || due[1].at > end) break;
      this.#timers.delete(due[0]);
      this.now = Math.max(this.now, due[1].at);
      due[1].run();
    }
    this.now = end;
  }
}

const settle = () => new Promise<void>((resolve) => setTimeout(resolve));

export class FakeSocket {
  binaryType = "blob";
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  closed: number | null = null;
  binary: Uint8Array[] = [];
  events: { type: string; data: object; id?: string }[] = [];

  constructor(private readonly server: FakeServer) {}

  send(frame: string | Uint8Array): void {
    if (this.closed !== null) throw new Error("sent on a closed socket");
    if (typeof frame === "string") {
      const event = JSON.parse(frame) as FakeSocket["events"][number];
      this.events.push(event);
      this.server.heard(this, event);
    } else {
      this.binary.push(frame);
      this.server.read(this, frame);
    }
  }

  close(code: number): void {
    this.closed ??= code;
  }

  /** The server lets it in. */
  accept(): void {
    this.onopen?.();
    this.server.greet(this);
  }

  say(type: string, data: object = {}, id?: string): void {
    if (this.closed === null) this.onmessage?.({ data: JSON.stringify({ type, data, id }) });
  }

  give(encoder: encoding.Encoder): void {
    const bytes = encoding.toUint8Array(encoder);
    if (this.closed === null) this.onmessage?.({ data: bytes.slice().buffer });
  }

  /** The other side, or the network, ends it. */
  cut(code = 1006, reason = ""): void {
    if (this.closed !== null) return;
    this.closed = code;
    this.onclose?.({ code, reason });
  }
}

export class FakeServer {
  clock = new Clock();
  doc = new Y.Doc();
  sockets: FakeSocket[] = [];
  online = true;
  /** Answers events with an id. */
  answers = true;
  /** Refuses what is written, with this code. */
  refuses: string | null = null;

  get text(): string {
    return this.doc.getText("code").toString();
  }

  get last(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (!socket) throw new Error("nobody has called");
    return socket;
  }

  surroundings(): Surroundings {
    return {
      open: () => {
        const socket = new FakeSocket(this);
        this.sockets.push(socket);
        return socket as unknown as WebSocket;
      },
      random: () => 1,
      now: () => this.clock.now,
      online: () => this.online,
      setTimer: this.clock.setTimer,
      clearTimer: this.clock.clearTimer,
    };
  }

  /** Somebody else edits. */
  write(at: number, text: string): void {
    const before = Y.encodeStateVector(this.doc);
    this.doc.getText("code").insert(at, text);
    const encoder = message();
    writeUpdate(encoder, Y.encodeStateAsUpdate(this.doc, before));
    for (const socket of this.sockets) socket.give(encoder);
  }

  greet(socket: FakeSocket): void {
    const encoder = message();
    writeSyncStep1(encoder, this.doc);
    socket.give(encoder);
  }

  heard(socket: FakeSocket, { id }: FakeSocket["events"][number]): void {
    if (this.answers && id !== undefined)
      queueMicrotask(() => {
        socket.say("ack", {}, id);
      });
  }

  read(socket: FakeSocket, frame: Uint8Array): void {
    const decoder = decoding.createDecoder(frame);
    if (decoding.readVarUint(decoder) !== 0) return;
    const isWrite = decoding.peekVarUint(decoder) !== 0;
    if (isWrite && this.refuses !== null) {
      socket.say("error", { code: this.refuses });
      return;
    }
    const encoder = message();
    readSyncMessage(decoder, encoder, this.doc, "client");
    if (encoding.length(encoder) > 1) socket.give(encoder);
  }
}

function message(): encoding.Encoder {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, 0);
  return encoder;
}
