/** A live session as this page sees it: who is there, who may write, what was said, and how the connection stands. */
import type { ChallengeDetail } from "$lib/api/types";
import { SUBPROTOCOL } from "$lib/live/socket";
import { rfc3339 } from "$lib/format/time";
import { absolute } from "$lib/state/paths";
import { toasts } from "$lib/state/toasts.svelte";
import { SessionError, type LinkState, type Loss, type Surroundings } from "./link";
import { Messages, asMessages } from "./messages.svelte";
import { NOBODY, presences, type Presence } from "./presence";
import { SessionProvider, type Refusal, type SharedText } from "./provider";
import { mayEnd, mayManage, mayWrite } from "./rights";
import { SharedJudge } from "./shared-judge.svelte";
import { tabStorage, Unsent, type Kept } from "./unsent";
import type {
  RoleChanged,
  ServerEvents,
  Session,
  SessionParticipant,
  SessionRole,
  SessionState,
  TextRoom,
} from "./wire";

type Handlers = { [K in keyof ServerEvents]: (data: ServerEvents[K]) => void };

export class Room {
  session = $state.raw() as Session;
  link = $state.raw<LinkState>({ kind: "connecting" });
  /** Since when (milliseconds since 1970) and why the text has not been followed, after it was or should have been. */
  loss = $state.raw<{ at: number; why: Loss } | null>(null);
  synced = $state(false);
  /** The text was there once: what is shown is worth showing. */
  arrived = $state(false);
  shared = $state.raw() as SharedText;
  refusal = $state.raw<Refusal | null>(null);
  kept = $state<Kept>("none");
  /** How much more the text can hold. */
  textRoom = $state<TextRoom>("free");
  storageDown = $state(false);
  /** Who has a connection now. */
  present = $state.raw<SessionParticipant[]>([]);
  /** What those present show of themselves, by their id. */
  presences = $state.raw<ReadonlyMap<string, Presence>>(NOBODY);
  following = $state<string | null>(null);
  endedBy = $state<string | null>(null);
  challenge = $state.raw<ChallengeDetail | null>(null);
  readonly messages = new Messages();
  readonly judge: SharedJudge;
  readonly #provider: SessionProvider;

  constructor(
    session: Session,
    /** This person's id. */
    readonly me: string,
    around: Surroundings = browser(session.id),
  ) {
    this.session = session;
    this.judge = new SharedJudge(
      () => this.challenge,
      () => this.me,
    );
    this.#provider = new SessionProvider(around, new Unsent(tabStorage(), session.id, me), {
      link: (state) => {
        this.#linked(state);
      },
      synced: (synced) => {
        this.synced = synced;
        if (synced) this.loss = null;
        this.arrived ||= synced;
      },
      replaced: (shared) => {
        this.#use(shared);
      },
      refused: ({ why, text }) => {
        // What was refused before and not yet copied stays with it.
        this.refusal = { why, text: this.refusal ? `${this.refusal.text}\n\n${text}` : text };
      },
      kept: (kept) => (this.kept = kept),
      event: (type, data) => {
        const handle = this.#handlers[type as keyof ServerEvents] as ((data: object) => void) | undefined;
        handle?.(data);
      },
    });
    this.shared = this.#provider.shared;
    this.#use(this.shared);
  }

  get role(): SessionRole {
    return this.session.participants.find(({ user_id }) => user_id === this.me)?.role ?? this.session.role;
  }

  get over(): boolean {
    return this.link.kind === "over";
  }

  get mayWrite(): boolean {
    return this.arrived && !this.over && mayWrite(this.session.policy, this.role);
  }

  get manages(): boolean {
    return mayManage(this.session, this.me, this.role);
  }

  get mayEnd(): boolean {
    return mayEnd(this.session, this.me);
  }

  /** Absolute, also from a server that does not know its own address. */
  get joinUrl(): string {
    return absolute(this.session.join_url);
  }

  get driver(): SessionParticipant | null {
    return this.session.participants.find(({ role }) => role === "driver") ?? null;
  }

  get handRaised(): boolean {
    return this.presences.get(this.me)?.hand ?? false;
  }

  /** Those who take part, first those who are there. */
  get people(): (SessionParticipant & { here: boolean })[] {
    const isHere = (id: string) =>
      (id === this.me && this.link.kind === "open") || this.present.some(({ user_id }) => user_id === id);
    return this.session.participants
      .map((person) => ({
        ...person,
        color: this.colorOf(person.user_id) ?? person.color,
        here: isHere(person.user_id),
      }))
      .sort((a, b) => Number(b.here) - Number(a.here));
  }

  /** That of their caret, while they have one; nothing for who does not take part. */
  colorOf(user: string): string | null {
    const person = this.session.participants.find(({ user_id }) => user_id === user);
    return this.presences.get(user)?.color ?? person?.color ?? null;
  }

  nameOf(user: string): string {
    return this.session.participants.find(({ user_id }) => user_id === user)?.username ?? "Somebody";
  }

  connect(): void {
    this.#provider.connect();
  }

  hurry = (): void => {
    this.#provider.hurry();
  };

  networkLost = (): void => {
    this.#provider.networkLost();
  };

  flush = (): void => {
    this.#provider.flush();
  };

  leave(): void {
    this.#provider.destroy();
  }

  run(stdin?: string): void {
    const data = stdin === undefined ? {} : { stdin };
    void this.judge.ask("run", () => this.#provider.request("run-code", data));
  }

  submit(): void {
    void this.judge.ask("submit", () => this.#provider.request("submit-code", {}));
  }

  async say(message: string): Promise<void> {
    await this.#provider.request("session-message", { message });
    const username = this.nameOf(this.me);
    this.messages.said({ user_id: this.me, username, message, at: rfc3339() });
  }

  /** Asks the tutor; everybody sees the question and its answer. */
  async ask(message: string): Promise<void> {
    await this.#provider.request("ai-tutor-message", { message });
  }

  async changeRole(user_id: string, role: SessionRole): Promise<void> {
    try {
      await this.#provider.request("role-change", { user_id, role });
    } catch (thrown) {
      const why = thrown instanceof SessionError ? thrown.message : "";
      toasts.show(`The role was not changed. ${why}`, { tone: "problem" });
    }
  }

  raiseHand(raised: boolean): void {
    this.#provider.show("hand", raised);
  }

  showTyping(typing: boolean): void {
    this.#provider.show("typing", typing);
  }

  follow(user: string | null): void {
    if (user === this.following) return;
    this.following = user;
    this.#provider.show("following", user);
  }

  /** Somebody changed it over REST from here; the session tells the others. */
  updated(session: Session): void {
    this.session = session;
  }

  #use(shared: SharedText): void {
    this.shared = shared;
    shared.awareness.on("change", () => {
      if (shared === this.shared) this.presences = presences(shared.awareness, this.me);
    });
    this.presences = presences(shared.awareness, this.me);
  }

  #linked(state: LinkState): void {
    const was = this.link.kind;
    this.link = state;
    if (state.kind === "over") this.loss = null;
    else if (state.kind === "waiting" || state.kind === "offline") {
      this.loss = { at: this.loss?.at ?? Date.now(), why: state.kind === "waiting" ? state.why : "cut" };
    }
    if (was === "open" && state.kind !== "open" && this.judge.lost()) {
      toasts.show("The connection was cut during the run. Its result comes back with the connection.");
    }
    if (state.kind !== "over") return;
    this.follow(null);
    this.present = [];
  }

  #handlers: Handlers = {
    "session-state": (state) => {
      this.#recall(state);
    },
    "user-joined": (person) => {
      this.#know([person]);
      if (!this.present.some(({ user_id }) => user_id === person.user_id)) {
        this.present = [...this.present, person];
        if (person.user_id !== this.me) toasts.show(`${person.username} is here.`);
      }
    },
    "user-left": ({ user_id, username }) => {
      this.present = this.present.filter((other) => other.user_id !== user_id);
      if (this.following === user_id) {
        this.follow(null);
        toasts.show(`${username} has left.`);
      }
    },
    "role-changed": (change) => {
      this.#roleChanged(change);
    },
    "session-updated": ({ session }) => {
      const { recording, policy } = this.session;
      this.session = { ...session, role: this.role };
      if (session.recording !== recording) {
        toasts.show(
          session.recording ? "This session is recorded from now on." : "This session is no longer recorded.",
        );
      }
      if (session.policy !== policy) {
        toasts.show(session.policy === "free" ? "Everybody may write now." : "Only the driver writes now.");
      }
    },
    "new-message": (message) => {
      this.messages.heard(message);
    },
    "ai-tutor-response": (response) => {
      asMessages(response).forEach((message) => {
        this.messages.heard(message);
      });
    },
    "run-started": (run) => {
      this.judge.started(run);
    },
    "run-progress": (progress) => {
      this.judge.progressed(progress);
    },
    "run-result": (result) => {
      this.judge.ended(result);
    },
    "session-ended": ({ user_id }) => {
      this.endedBy = user_id;
    },
    storage: ({ state }) => {
      this.storageDown = state !== "ok";
    },
    "text-limit": ({ state }) => {
      this.textRoom = state;
    },
    error: ({ message }) => {
      if (message) toasts.show(message, { tone: "problem" });
    },
  };

  #recall({ session, present, messages, text_limit, last_run }: SessionState): void {
    this.session = session;
    this.textRoom = text_limit;
    if (last_run) this.judge.ended(last_run);
    this.present = present;
    this.messages.recall(messages);
    this.storageDown = false;
  }

  #roleChanged({ user_id, username, role, changed, policy }: RoleChanged): void {
    const driverBefore = this.driver?.user_id;
    this.session = { ...this.session, policy };
    this.#know(changed);
    if (role !== "driver" || user_id === driverBefore) return;
    if (user_id === this.me) {
      this.raiseHand(false);
      toasts.show("You have the keyboard.");
    } else toasts.show(`${username} has the keyboard.`);
  }

  /** Takes over what is known now of some people. */
  #know(people: readonly SessionParticipant[]): void {
    const newer = (id: string) => people.find(({ user_id }) => user_id === id);
    const known = this.session.participants.map((person) => newer(person.user_id) ?? person);
    const isKnown = (id: string) => known.some(({ user_id }) => user_id === id);
    const participants = [...known, ...people.filter(({ user_id }) => !isKnown(user_id))];
    this.session = { ...this.session, participants };
  }
}

function browser(session: string): Surroundings {
  return {
    open: () => {
      const scheme = location.protocol === "https:" ? "wss" : "ws";
      return new WebSocket(
        `${scheme}://${location.host}/ws/sessions/${encodeURIComponent(session)}`,
        SUBPROTOCOL,
      );
    },
    random: Math.random,
    now: Date.now,
    online: () => navigator.onLine,
    setTimer: (run, ms) => window.setTimeout(run, ms),
    clearTimer: (timer) => {
      window.clearTimeout(timer);
    },
  };
}
