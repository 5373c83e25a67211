/**
 * The user's socket: keeps itself connected, asks for what was missed, and hands events to whoever listens.
 *
 * It never carries anything that cannot also be fetched: a view must work without it.
 */
import { backoffDelay, SOCKET_BACKOFF } from "./backoff";
import type { EventMap, EventType, Resumed } from "./events";

export const SUBPROTOCOL = "codementor.v1";

export type SocketState = "idle" | "connecting" | "open" | "waiting";

/** What the socket needs from outside, so that tests can hold the clock. */
export interface Surroundings {
  open: () => WebSocket;
  random: () => number;
  setTimer: (run: () => void, ms: number) => number;
  clearTimer: (timer: number) => void;
}

type Listener<K extends EventType> = (data: EventMap[K]) => void;

/** After these the server does not want to see this session again. */
const FINAL_CLOSES = new Set([4401, 4403]);

export class LiveSocket {
  state: SocketState = "idle";
  onState: (state: SocketState) => void = () => undefined;
  /** Something was missed for good: views fetch their state anew. */
  onGap: () => void = () => undefined;
  /** The server does not accept the session. */
  onRefused: () => void = () => undefined;

  private socket: WebSocket | null = null;
  private listeners = new Map<string, Set<(data: never) => void>>();
  private attempt = 0;
  private timer: number | null = null;
  private lastEventId: string | null = null;
  private everOpened = false;

  constructor(private readonly around: Surroundings) {}

  on<K extends EventType>(type: K, listener: Listener<K>): () => void {
    const set = this.listeners.get(type) ?? new Set();
    set.add(listener);
    this.listeners.set(type, set);
    return () => set.delete(listener);
  }

  start(): void {
    if (this.state === "idle") this.connect();
  }

  stop(): void {
    this.cancelTimer();
    const socket = this.socket;
    this.socket = null;
    socket?.close(1000);
    this.lastEventId = null;
    this.everOpened = false;
    this.attempt = 0;
    this.change("idle");
  }

  /** The network is back or the tab is looked at again: no need to wait out the back-off. */
  hurry(): void {
    if (this.state !== "waiting") return;
    this.cancelTimer();
    this.connect();
  }

  private connect(): void {
    this.change("connecting");
    let socket: WebSocket;
    try {
      socket = this.around.open();
    } catch {
      this.retryLater();
      return;
    }
    this.socket = socket;
    socket.onopen = () => {
      this.opened(socket);
    };
    socket.onmessage = (message) => {
      if (socket === this.socket) this.receive(message.data);
    };
    socket.onclose = (event) => {
      if (socket === this.socket) this.closed(event.code);
    };
  }

  private opened(socket: WebSocket): void {
    if (socket !== this.socket) return;
    this.attempt = 0;
    this.change("open");
    if (this.lastEventId !== null) {
      socket.send(JSON.stringify({ type: "resume", data: { last_event_id: this.lastEventId } }));
    } else if (this.everOpened) this.onGap();
    this.everOpened = true;
  }

  private closed(code: number): void {
    this.socket = null;
    if (FINAL_CLOSES.has(code)) {
      this.change("idle");
      this.onRefused();
      return;
    }
    this.retryLater();
  }

  private retryLater(): void {
    this.change("waiting");
    const wait = backoffDelay(this.attempt++, SOCKET_BACKOFF, this.around.random);
    this.timer = this.around.setTimer(() => {
      this.timer = null;
      this.connect();
    }, wait);
  }

  private receive(frame: unknown): void {
    const event = parseEvent(frame);
    if (!event) return;
    if (event.id !== null) this.lastEventId = event.id;
    if (event.type === "resumed" && (event.data as Partial<Resumed>).gap === true) this.onGap();
    for (const listener of this.listeners.get(event.type) ?? []) listener(event.data as never);
  }

  private change(state: SocketState): void {
    this.state = state;
    this.onState(state);
  }

  private cancelTimer(): void {
    if (this.timer !== null) this.around.clearTimer(this.timer);
    this.timer = null;
  }
}

/** An event, or nothing for a frame that is not one: a newer server may say more than this page knows. */
export function parseEvent(frame: unknown): { type: string; data: object; id: string | null } | null {
  if (typeof frame !== "string") return null;
  try {
    const event: unknown = JSON.parse(frame);
    if (typeof event !== "object" || event === null) return null;
    const { type, data, id } = event as Record<string, unknown>;
    if (typeof type !== "string") return null;
    return {
      type,
      data: typeof data === "object" && data !== null ? data : {},
      id: typeof id === "string" ? id : null,
    };
  } catch {
    return null;
  }
}
