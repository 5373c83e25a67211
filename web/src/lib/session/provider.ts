/**
 * The shared text of a session: a Yjs document kept equal with everybody else's over the session's socket.
 *
 * Nothing that was typed is thrown away: what is not known to have arrived stays in the document and in the tab's storage, and what
 * the session does not take is handed out as text.
 */
import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import {
  applyAwarenessUpdate,
  Awareness,
  encodeAwarenessUpdate,
  removeAwarenessStates,
} from "y-protocols/awareness";
import { readSyncMessage, writeSyncStep1, writeUpdate } from "y-protocols/sync";
import * as Y from "yjs";
import { SessionError, SessionLink, type LinkState, type Surroundings } from "./link";
import type { Kept, Unsent } from "./unsent";
import { CLOSE, type ClientEvents } from "./wire";

const SYNC = 0;
const AWARENESS = 1;
const QUERY_AWARENESS = 3;

const CONFIRM_AFTER_MS = 1_000;
const KEEP_AFTER_MS = 200;
/** Carets move often; nobody sees more than this. */
const AWARENESS_EVERY_MS = 60;

/** What the session did not take of what was typed here. */
export interface Refusal {
  why: "read-only" | "too-large";
  /** The whole text as it stood here. */
  text: string;
}

export interface SharedText {
  doc: Y.Doc;
  text: Y.Text;
  awareness: Awareness;
}

export interface ProviderHandlers {
  link: (state: LinkState) => void;
  /** The text is equal with the session's, or (false) may not be. */
  synced: (synced: boolean) => void;
  /** Another document took the old one's place: editors must be made anew. */
  replaced: (shared: SharedText) => void;
  refused: (refusal: Refusal) => void;
  /** Whether what is not known to have arrived is kept in the tab. */
  kept: (kept: Kept) => void;
  event: (type: string, data: object) => void;
}

export class SessionProvider {
  shared: SharedText;
  synced = false;
  readonly #link: SessionLink;
  /** What the session certainly has. */
  #confirmed: Uint8Array | undefined;
  /** Counts own edits, so that an edit made during a confirmation is not taken for confirmed. */
  #edits = 0;
  #confirmedEdits = 0;
  #timers = new Map<string, number>();
  #gone = false;

  constructor(
    private readonly around: Surroundings,
    private readonly unsent: Unsent,
    private readonly handlers: ProviderHandlers,
  ) {
    this.shared = this.#newShared();
    const kept = unsent.read();
    if (kept) this.#restore(kept);
    this.#link = new SessionLink(around, {
      state: handlers.link,
      opened: () => {
        this.#opened();
      },
      closed: (code) => {
        this.#closed(code);
      },
      binary: (frame) => {
        this.#receive(frame);
      },
      event: (type, data) => {
        this.#event(type, data);
      },
    });
  }

  /** Whether something typed here is not known to have arrived. */
  get dirty(): boolean {
    return this.#edits !== this.#confirmedEdits;
  }

  connect(): void {
    this.#link.connect();
  }

  hurry = (): void => {
    this.#link.hurry();
  };

  networkLost = (): void => {
    this.#link.networkLost();
  };

  request<K extends keyof ClientEvents>(type: K, data: ClientEvents[K]): Promise<void> {
    this.#flushAwareness();
    return this.#link.request(type, data);
  }

  /** Shows something of oneself to the others; it is not kept. */
  show(field: "hand" | "typing" | "following", value: unknown): void {
    this.shared.awareness.setLocalStateField(field, value);
  }

  /** Writes now what is not written yet: the tab may be closed next. */
  flush = (): void => {
    if (!this.#timers.has("keep")) return;
    this.#cancel("keep");
    this.#keep();
  };

  destroy(): void {
    this.flush();
    this.#gone = true;
    this.shared.awareness.setLocalState(null);
    this.#flushAwareness();
    this.#link.close();
    for (const name of Array.from(this.#timers.keys())) this.#cancel(name);
    this.shared.doc.destroy();
  }

  #newShared(): SharedText {
    const doc = new Y.Doc();
    const shared = { doc, text: doc.getText("code"), awareness: new Awareness(doc) };
    doc.on("update", (update: Uint8Array, origin: unknown) => {
      if (origin !== this && shared === this.shared) this.#edited(update);
    });
    shared.awareness.on("update", (_changes: unknown, origin: unknown) => {
      if (origin === "local" && shared === this.shared)
        this.#later("awareness", AWARENESS_EVERY_MS, this.#flushAwareness);
    });
    return shared;
  }

  #restore(update: Uint8Array): void {
    try {
      Y.applyUpdate(this.shared.doc, update, this);
      this.#edits += 1;
    } catch {
      // Half written or another version's: there is nothing in it to be saved.
      this.unsent.clear();
    }
  }

  #edited(update: Uint8Array): void {
    this.#edits += 1;
    const encoder = encoding.createEncoder();
    encoding.writeVarUint(encoder, SYNC);
    writeUpdate(encoder, update);
    this.#link.sendBinary(encoding.toUint8Array(encoder));
    this.#later("keep", KEEP_AFTER_MS, this.#keep);
    this.#confirmLater();
  }

  #opened(): void {
    this.#setSynced(false);
    this.#sendStep1();
    // The others heard that we left, which counts as one change of ours: only what is newer than that is believed.
    const state = this.shared.awareness.getLocalState();
    for (let n = 0; n < 2; n += 1) this.shared.awareness.setLocalState(state);
    this.#flushAwareness();
    this.#link.request("join-session", { code_updates: false }).catch(() => undefined);
  }

  #closed(code: number): void {
    this.#setSynced(false);
    const { awareness, doc } = this.shared;
    const others = Array.from(awareness.getStates().keys()).filter((client) => client !== doc.clientID);
    removeAwarenessStates(awareness, others, this);
    if (code === CLOSE.messageTooBig || code === CLOSE.stateTooLarge) this.#refuse("too-large");
  }

  #receive(frame: Uint8Array): void {
    const decoder = decoding.createDecoder(frame);
    const { doc, awareness } = this.shared;
    switch (decoding.readVarUint(decoder)) {
      case SYNC: {
        const encoder = encoding.createEncoder();
        encoding.writeVarUint(encoder, SYNC);
        const type = readSyncMessage(decoder, encoder, doc, this);
        if (encoding.length(encoder) > 1) this.#link.sendBinary(encoding.toUint8Array(encoder));
        if (type === 1) {
          this.#setSynced(true);
          this.#confirmLater();
        }
        return;
      }
      case AWARENESS:
        applyAwarenessUpdate(awareness, decoding.readVarUint8Array(decoder), this);
        return;
      case QUERY_AWARENESS:
        this.#flushAwareness();
    }
  }

  #event(type: string, data: object): void {
    if (type === "error") {
      const { code } = data as { code?: unknown };
      if (code === "read_only" || code === "too_large") {
        this.#refuse(code === "read_only" ? "read-only" : "too-large");
        return;
      }
      // Something of ours was dropped; saying it all again finds out what.
      if (code === "rate_limited") {
        this.#link.reconnect("too-fast");
        return;
      }
    }
    this.handlers.event(type, data);
  }

  /**
   * Goes back to the text as everybody has it. Edits that the session did not take can never be followed by ones that it takes, so
   * the document they are in is given up, and its text handed out.
   */
  #refuse(why: Refusal["why"]): void {
    // Several frames on their way are refused one by one; the first has said it all.
    if (!this.dirty) return;
    const refused = this.shared;
    const state = refused.awareness.getLocalState();
    // Nobody shall see a caret in a document that nobody writes any more.
    refused.awareness.setLocalState(null);
    this.#flushAwareness();
    this.#confirmed = undefined;
    this.#confirmedEdits = this.#edits;
    this.unsent.clear();
    this.#cancel("keep");
    this.shared = this.#newShared();
    if (state) this.shared.awareness.setLocalState({ ...state, cursor: null });
    const text = refused.text.toString();
    refused.doc.destroy();
    this.#setSynced(false);
    this.handlers.replaced(this.shared);
    this.handlers.refused({ why, text });
    if (this.#link.isOpen) {
      this.#sendStep1();
      this.#flushAwareness();
    }
  }

  #confirmLater(): void {
    if (this.dirty) this.#later("confirm", CONFIRM_AFTER_MS, this.#confirm);
  }

  /** Frames are read in order: once a later ping is answered, everything before it has arrived. */
  #confirm = (): void => {
    if (!this.synced || !this.dirty) return;
    const edits = this.#edits;
    const vector = Y.encodeStateVector(this.shared.doc);
    const { doc } = this.shared;
    this.#link.ping().then(
      () => {
        if (doc !== this.shared.doc) return;
        this.#confirmed = vector;
        this.#confirmedEdits = edits;
        if (!this.dirty) {
          this.#cancel("keep");
          this.unsent.clear();
          this.handlers.kept("none");
        } else this.#confirmLater();
      },
      (error: SessionError) => {
        if (error.code === "no_answer") this.#confirmLater();
      },
    );
  };

  #keep = (): void => {
    if (!this.dirty) return;
    this.handlers.kept(this.unsent.write(Y.encodeStateAsUpdate(this.shared.doc, this.#confirmed)));
  };

  #sendStep1(): void {
    const encoder = encoding.createEncoder();
    encoding.writeVarUint(encoder, SYNC);
    writeSyncStep1(encoder, this.shared.doc);
    this.#link.sendBinary(encoding.toUint8Array(encoder));
  }

  #flushAwareness = (): void => {
    this.#cancel("awareness");
    const { awareness, doc } = this.shared;
    const encoder = encoding.createEncoder();
    encoding.writeVarUint(encoder, AWARENESS);
    encoding.writeVarUint8Array(encoder, encodeAwarenessUpdate(awareness, [doc.clientID]));
    this.#link.sendBinary(encoding.toUint8Array(encoder));
  };

  #setSynced(synced: boolean): void {
    if (synced === this.synced) return;
    this.synced = synced;
    this.handlers.synced(synced);
  }

  /** Does it once, a little later; a wait that runs already is kept. */
  #later(name: string, ms: number, run: () => void): void {
    if (this.#timers.has(name) || this.#gone) return;
    const timer = this.around.setTimer(() => {
      this.#timers.delete(name);
      run();
    }, ms);
    this.#timers.set(name, timer);
  }

  #cancel(name: string): void {
    const timer = this.#timers.get(name);
    if (timer !== undefined) this.around.clearTimer(timer);
    this.#timers.delete(name);
  }
}
