/**
 * The socket of one session: keeps itself connected, notices when it is only half there, and answers events with promises.
 *
 * It knows nothing of what it carries; `provider.ts` does.
 */
import { backoffDelay, type Backoff } from "$lib/live/backoff";
import { parseEvent } from "$lib/live/socket";
import { uuid } from "$lib/workspace/uuid";
import { CLOSE } from "./wire";

export const RECONNECT: Backoff = { base: 250, cap: 10_000 };
const PING_EVERY_MS = 15_000;
/** Nothing heard for so long after an own ping: the connection is only half there. */
const SILENCE_MS = 30_000;
/** The same when the browser has just said that the network is gone. */
const SHORT_SILENCE_MS = 3_000;
const ANSWER_MS = 15_000;
/** A handshake that takes longer is not coming. */
const HANDSHAKE_MS = 15_000;
/** A connection that lasted so long was a good one: the next back-off starts from the beginning. */
const STABLE_MS = 5_000;
/** Whoever was too fast waits at least so long. */
const SLOW_DOWN_MS = 2_000;
/** A place in a full session is not free from one second to the next. */
const FULL_MS = 10_000;

/** Why there is no coming back by itself. */
export type Ending = "ended" | "signed-out" | "refused" | "missing";

/** Why there is no connection just now, when it comes back by itself. */
export type Loss = "cut" | "too-slow" | "too-fast" | "full";

export type LinkState =
  | { kind: "connecting" }
  | { kind: "open" }
  /** `until`: milliseconds since 1970. */
  | { kind: "waiting"; until: number; why: Loss }
  | { kind: "offline" }
  | { kind: "over"; why: Ending };

/** What the link needs from outside, so that tests can hold the clock. */
export interface Surroundings {
  open: () => WebSocket;
  random: () => number;
  now: () => number;
  online: () => boolean;
  setTimer: (run: () => void, ms: number) => number;
  clearTimer: (timer: number) => void;
}

export interface LinkHandlers {
  state: (state: LinkState) => void;
  opened: () => void;
  /** With the close code; 0 when it was hung up here. */
  closed: (code: number) => void;
  binary: (frame: Uint8Array) => void;
  event: (type: string, data: object) => void;
}

/** The server's "no" to an event, or that no answer came. */
export class SessionError extends Error {
  override name = "SessionError";

  constructor(
    /** The server's code, or `disconnected`, `no_answer`. */
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

interface Waiting {
  resolve: () => void;
  reject: (error: SessionError) => void;
  timer: number;
}

const ENDINGS: Record<number, Ending> = {
  [CLOSE.ended]: "ended",
  [CLOSE.signedOut]: "signed-out",
  [CLOSE.refused]: "refused",
  [CLOSE.missing]: "missing",
};

const LOSSES: Record<number, Loss> = {
  [CLOSE.tooSlow]: "too-slow",
  [CLOSE.rateLimit]: "too-fast",
};

const WAIT_AT_LEAST: Record<Loss, number> = {
  cut: 0,
  "too-slow": 0,
  "too-fast": SLOW_DOWN_MS,
  full: FULL_MS,
};

export class SessionLink {
  state: LinkState = { kind: "connecting" };
  #socket: WebSocket | null = null;
  #attempt = 0;
  #openedAt = 0;
  #waiting = new Map<string, Waiting>();
  #retry: number | null = null;
  #ping: number | null = null;
  #silence: number | null = null;

  constructor(
    private readonly around: Surroundings,
    private readonly handlers: LinkHandlers,
  ) {}

  get isOpen(): boolean {
    return this.state.kind === "open";
  }

  connect(): void {
    this.#clear("retry");
    // An attempt without a network still is one: a server on this very machine needs none.
    if (this.around.online()) this.#change({ kind: "connecting" });
    let socket: WebSocket;
    try {
      socket = this.around.open();
    } catch {
      this.#retryLater("cut");
      return;
    }
    this.#socket = socket;
    this.#listenFor(HANDSHAKE_MS);
    socket.binaryType = "arraybuffer";
    socket.onopen = () => {
      if (socket === this.#socket) this.#opened();
    };
    socket.onmessage = (message) => {
      if (socket === this.#socket) this.#receive(message.data);
    };
    socket.onclose = (event) => {
      if (socket === this.#socket) this.#closed(event.code, event.reason);
    };
  }

  /** Leaves for good. */
  close(): void {
    const socket = this.#socket;
    this.#drop("disconnected");
    this.#clear("retry");
    socket?.close(1000);
  }

  /** Hangs up and dials again: what the other side has may not be what we think. */
  reconnect(why: Loss = "cut"): void {
    if (this.state.kind === "over") return;
    const socket = this.#socket;
    this.#drop("disconnected");
    socket?.close(1000);
    this.handlers.closed(0);
    this.#retryLater(why);
  }

  /** The network is back or the tab is looked at again: no need to wait out the back-off. */
  hurry(): void {
    if (this.state.kind === "waiting" || (this.state.kind === "offline" && this.#retry !== null))
      this.connect();
    else if (this.isOpen) this.#askForLife();
  }

  /** The browser believes that the network is gone: ask the other side instead of believing it. */
  networkLost(): void {
    if (this.isOpen) this.#askForLife();
    else if (this.state.kind === "waiting") this.#change({ kind: "offline" });
  }

  sendBinary(frame: Uint8Array): boolean {
    if (!this.isOpen) return false;
    this.#socket?.send(frame as Uint8Array<ArrayBuffer>);
    return true;
  }

  /** Sends an event; the promise is kept when the server says that it has it. */
  request(type: string, data: object): Promise<void> {
    if (!this.isOpen) {
      return Promise.reject(new SessionError("disconnected", "There is no connection to the session now."));
    }
    // The session remembers the ids of what must not happen twice, from all tabs of a person.
    const id = uuid();
    return new Promise((resolve, reject) => {
      const timer = this.around.setTimer(() => {
        this.#waiting.delete(id);
        reject(new SessionError("no_answer", "The session did not answer in time."));
      }, ANSWER_MS);
      this.#waiting.set(id, { resolve, reject, timer });
      this.#socket?.send(JSON.stringify({ type, data, id }));
    });
  }

  /** Kept once the server has read everything that was sent before. */
  ping(): Promise<void> {
    const answer = this.request("ping", {});
    this.#listenFor(SILENCE_MS);
    return answer;
  }

  #opened(): void {
    this.#openedAt = this.around.now();
    this.#clear("silence");
    this.#change({ kind: "open" });
    this.#pingLater();
    this.handlers.opened();
  }

  #receive(frame: unknown): void {
    this.#clear("silence");
    if (frame instanceof ArrayBuffer) {
      this.handlers.binary(new Uint8Array(frame));
      return;
    }
    const event = parseEvent(frame);
    if (!event) return;
    const waiting = event.id === null ? undefined : this.#waiting.get(event.id);
    if (!waiting || event.id === null) {
      this.handlers.event(event.type, event.data);
      return;
    }
    this.#waiting.delete(event.id);
    this.around.clearTimer(waiting.timer);
    if (event.type === "error") waiting.reject(errorOf(event.data));
    else waiting.resolve();
    // An answer may also say something, as `session-state` does.
    if (event.type !== "error") this.handlers.event(event.type, event.data);
  }

  #closed(code: number, reason: string): void {
    this.#drop("disconnected");
    const isFull = code === CLOSE.refused && reason === "session_full";
    const why = isFull ? undefined : ENDINGS[code];
    if (why) {
      this.#change({ kind: "over", why });
      this.handlers.closed(code);
      return;
    }
    this.handlers.closed(code);
    this.#retryLater(isFull ? "full" : (LOSSES[code] ?? "cut"));
  }

  /** Forgets the socket and tells everybody who waits for an answer. */
  #drop(code: string): void {
    this.#socket = null;
    this.#clear("ping");
    this.#clear("silence");
    const waiting = Array.from(this.#waiting.values());
    this.#waiting.clear();
    for (const { reject, timer } of waiting) {
      this.around.clearTimer(timer);
      reject(new SessionError(code, "The connection was lost before the session answered."));
    }
  }

  #retryLater(why: Loss): void {
    if (this.#openedAt > 0 && this.around.now() - this.#openedAt >= STABLE_MS) this.#attempt = 0;
    this.#openedAt = 0;
    const wait = Math.max(WAIT_AT_LEAST[why], backoffDelay(this.#attempt++, RECONNECT, this.around.random));
    this.#change(
      this.around.online() ? { kind: "waiting", until: this.around.now() + wait, why } : { kind: "offline" },
    );
    this.#retry = this.around.setTimer(() => {
      this.#retry = null;
      this.connect();
    }, wait);
  }

  #pingLater(): void {
    this.#clear("ping");
    this.#ping = this.around.setTimer(() => {
      this.ping().catch(() => undefined);
      this.#pingLater();
    }, PING_EVERY_MS);
  }

  /** Asks at once, and gives up soon. */
  #askForLife(): void {
    this.#clear("silence");
    this.request("ping", {}).catch(() => undefined);
    this.#listenFor(SHORT_SILENCE_MS);
  }

  /** Without a sign of life in time the connection is given up. A wait that runs already is not made longer. */
  #listenFor(ms: number): void {
    this.#silence ??= this.around.setTimer(() => {
      this.#silence = null;
      this.reconnect();
    }, ms);
  }

  #change(state: LinkState): void {
    this.state = state;
    this.handlers.state(state);
  }

  #clear(which: "retry" | "ping" | "silence"): void {
    const timers = { retry: this.#retry, ping: this.#ping, silence: this.#silence };
    const timer = timers[which];
    if (timer !== null) this.around.clearTimer(timer);
    if (which === "retry") this.#retry = null;
    else if (which === "ping") this.#ping = null;
    else this.#silence = null;
  }
}

function errorOf(data: object): SessionError {
  const { code, message } = data as { code?: unknown; message?: unknown };
  return new SessionError(
    typeof code === "string" ? code : "refused",
    typeof message === "string" && message !== "" ? message : "The session did not accept that.",
  );
}
