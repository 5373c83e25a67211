/** A program with somebody at the keyboard: its socket, what it wrote, and how it stands. What shows it may come and go. */
import { SUBPROTOCOL } from "$lib/live/socket";
import { parseNews, type TerminalEnded, type TerminalNews, type TerminalSize } from "./wire";

export type Phase = "idle" | "connecting" | "building" | "running" | "ended" | "failed";

/** What is kept of the output, for a screen that comes back. More than it can scroll. */
const KEPT_BYTES = 256 * 1024;
/** No message is longer; what is pasted may be. */
const MOST_TYPED = 16 * 1024;

export type OpenSocket = () => WebSocket;

function openSocket(): WebSocket {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  return new WebSocket(`${scheme}://${location.host}/ws/terminal`, SUBPROTOCOL);
}

export interface Failure {
  code: string;
  message: string;
}

export class Program {
  phase = $state<Phase>("idle");
  /** When it began to run, in milliseconds since 1970. */
  since = $state<number | null>(null);
  end = $state.raw<TerminalEnded | null>(null);
  failure = $state.raw<Failure | null>(null);
  /** Something that was typed went nowhere, because the program does not read. */
  inputLost = $state(false);

  /** Shows bytes; set by the screen while there is one. `null` clears it. */
  onOutput: (bytes: Uint8Array | null) => void = () => undefined;

  #socket: WebSocket | null = null;
  #size: TerminalSize = { columns: 80, rows: 24 };
  #kept: Uint8Array[] = [];
  #keptBytes = 0;
  /** What is to run when the present one has ended. */
  #next: { language: string; code: string } | null = null;

  constructor(private readonly open: OpenSocket = openSocket) {}

  get active(): boolean {
    return this.phase === "connecting" || this.phase === "building" || this.phase === "running";
  }

  /** What was written so far, as far as it is kept. */
  get output(): readonly Uint8Array[] {
    return this.#kept;
  }

  /** Runs a file; what runs is stopped first. */
  run(language: string, code: string): void {
    if (this.active) {
      this.#next = { language, code };
      this.stop();
      return;
    }
    this.#clear();
    this.phase = "connecting";
    const start = () => {
      this.#send({ type: "start", data: { language, code, ...this.#size } });
    };
    if (this.#socket?.readyState === WebSocket.OPEN) {
      start();
      return;
    }
    const socket = this.open();
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    socket.onopen = start;
    socket.onmessage = (message: MessageEvent<unknown>) => {
      if (socket === this.#socket) this.#receive(message.data);
    };
    socket.onclose = (event) => {
      if (socket === this.#socket) this.#closed(event.code);
    };
  }

  stop(): void {
    if (this.phase === "connecting") this.leave();
    else this.#send({ type: "stop" });
  }

  type(text: string | Uint8Array): void {
    if (this.phase !== "running" && this.phase !== "building") return;
    const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
    for (let at = 0; at < bytes.length; at += MOST_TYPED) {
      this.#socket?.send(bytes.slice(at, at + MOST_TYPED));
    }
  }

  resize(size: TerminalSize): void {
    this.#size = size;
    if (this.active) this.#send({ type: "resize", data: size });
  }

  /** Ends the program and the connection. */
  leave = (): void => {
    const socket = this.#socket;
    this.#socket = null;
    this.#next = null;
    socket?.close(1000);
    if (this.active) this.phase = "idle";
  };

  #send(event: object): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(event));
  }

  #receive(data: unknown): void {
    if (data instanceof ArrayBuffer) {
      this.#show(new Uint8Array(data));
      return;
    }
    const news = typeof data === "string" ? parseNews(data) : null;
    if (news) this.#hear(news);
  }

  #hear(news: TerminalNews): void {
    switch (news.kind) {
      case "building":
        this.phase = "building";
        break;
      case "started":
        this.phase = "running";
        this.since = Date.now();
        break;
      case "input-lost":
        this.inputLost = true;
        break;
      case "ended":
        this.end = news.end;
        if (news.end.compile_output !== null) this.#show(lines(news.end.compile_output));
        this.#settle("ended");
        break;
      case "error":
        // Of what was said to a program that runs, nothing can fail that matters to the person.
        if (!this.active) return;
        this.failure = { code: news.code, message: news.message };
        this.#settle("failed");
    }
  }

  #settle(phase: "ended" | "failed"): void {
    this.phase = phase;
    const next = this.#next;
    this.#next = null;
    if (next) this.run(next.language, next.code);
  }

  #closed(code: number): void {
    this.#socket = null;
    this.#next = null;
    if (!this.active) return;
    this.failure = { code: `closed_${code}`, message: closeWord(code) };
    this.phase = "failed";
  }

  #show(bytes: Uint8Array): void {
    this.#kept.push(bytes);
    this.#keptBytes += bytes.length;
    while (this.#keptBytes > KEPT_BYTES && this.#kept.length > 1) {
      this.#keptBytes -= this.#kept.shift()?.length ?? 0;
    }
    this.onOutput(bytes);
  }

  #clear(): void {
    this.#kept = [];
    this.#keptBytes = 0;
    this.end = null;
    this.failure = null;
    this.since = null;
    this.inputLost = false;
    this.onOutput(null);
  }
}

/** A text as a terminal shows it: lines begin at its left. */
function lines(text: string): Uint8Array {
  return new TextEncoder().encode(text.replaceAll(/\r?\n/g, "\r\n"));
}

function closeWord(code: number): string {
  switch (code) {
    case 1012:
      return "The server restarts, so the program was stopped. Run it again in a moment.";
    case 4401:
      return "You are signed out, so the program was stopped.";
    case 4408:
      return "Your connection took too long to take what the program wrote, so it was stopped.";
    case 4429:
      return "That was faster than anybody types, so the program was stopped.";
    default:
      return "The connection was lost, and the program with it. Run it again.";
  }
}
