/** Somebody with real Yjs whose network loses, repeats and reorders what they say. */
import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import WebSocket from "ws";
import * as syncProtocol from "y-protocols/sync";
import * as Y from "yjs";

/** @typedef {import("./seed.js").Random} Random */

const SYNC = 0;
/** Updates that may be said again later. */
const REMEMBERED = 24;

export class Unruly {
  doc = new Y.Doc();
  text = this.doc.getText("code");
  /** Codes of closes that were not their own doing. @type {number[]} */
  closes = [];
  /** What is held back. @type {Uint8Array[]} */
  held = [];
  holds = false;
  /** @type {WebSocket | null} */
  #socket = null;
  /** What was said or heard lately. @type {Uint8Array[]} */
  #lately = [];

  /** @param {() => string} url where the session is; it may move */
  constructor(url) {
    this.url = url;
    this.doc.on("update", (/** @type {Uint8Array} */ update, /** @type {unknown} */ origin) => {
      this.#lately = [...this.#lately, update].slice(-REMEMBERED);
      if (origin === this) return;
      if (this.holds) this.held.push(update);
      else this.#say(update);
    });
  }

  get isConnected() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  connect() {
    if (this.#socket) return;
    const socket = (this.#socket = new WebSocket(this.url()));
    socket.binaryType = "arraybuffer";
    // Nobody there, or no place: the next `connect` tries again.
    socket.on("error", () => undefined);
    socket.on("close", (code) => {
      if (this.#socket !== socket) return;
      this.#socket = null;
      this.closes.push(code);
    });
    socket.on("open", () => {
      const encoder = encoding.createEncoder();
      encoding.writeVarUint(encoder, SYNC);
      syncProtocol.writeSyncStep1(encoder, this.doc);
      socket.send(encoding.toUint8Array(encoder));
    });
    socket.on("message", (data) => {
      const decoder = decoding.createDecoder(new Uint8Array(/** @type {ArrayBuffer} */ (data)));
      if (decoding.readVarUint(decoder) !== SYNC) return;
      const encoder = encoding.createEncoder();
      encoding.writeVarUint(encoder, SYNC);
      syncProtocol.readSyncMessage(decoder, encoder, this.doc, this);
      if (encoding.length(encoder) > 1) socket.send(encoding.toUint8Array(encoder));
    });
  }

  /** The line is cut: what is held back is lost, and what is under way may be. */
  cut() {
    const socket = this.#socket;
    this.#socket = null;
    this.held = [];
    socket?.terminate();
  }

  /**
   * Says what was held back, in any order and some of it twice; some of it gets lost.
   * @param {Random} random
   */
  let(random) {
    const held = this.held.flatMap((update) => Array.from({ length: random(4) }, () => update));
    this.held = [];
    for (let at = held.length - 1; at > 0; at -= 1) {
      const other = random(at + 1);
      [held[at], held[other]] = [/** @type {any} */ (held[other]), /** @type {any} */ (held[at])];
    }
    for (const update of held) this.#say(update);
    return held.length;
  }

  /**
   * Says again what was said or heard lately.
   * @param {Random} random
   */
  repeat(random) {
    const update = this.#lately[random(this.#lately.length)];
    if (update) this.#say(update);
  }

  leave() {
    this.cut();
    this.doc.destroy();
  }

  /** @param {Uint8Array} update */
  #say(update) {
    if (!this.#socket || !this.isConnected) return;
    const encoder = encoding.createEncoder();
    encoding.writeVarUint(encoder, SYNC);
    syncProtocol.writeUpdate(encoder, update);
    this.#socket.send(encoding.toUint8Array(encoder));
  }
}
