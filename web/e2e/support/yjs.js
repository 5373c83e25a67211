/** People with unmodified Yjs providers, without a browser. Every wait is bounded. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import WebSocket from "ws";
import { WebsocketProvider } from "y-websocket";
import { WebsocketProvider as WebsocketProvider1 } from "y-websocket-1";
import { WebsocketProvider as WebsocketProvider2 } from "y-websocket-2";
import * as Y from "yjs";

/** How long anything may take on a busy machine. */
const PATIENCE_MS = 20_000;
/** Between two looks at a condition. */
const LOOK_MS = 5;

/** The common provider: the newest, and the last of each series before. */
export const PROVIDERS = {
  newest: WebsocketProvider,
  "2.1.0": WebsocketProvider2,
  "1.5.4": WebsocketProvider1,
};

/** @typedef {keyof typeof PROVIDERS} Version */
/** @typedef {{ name: string, id: string, token: string }} Person */
/** What all versions have in common; they declare it differently. @typedef {{ on(name: "connection-close", heard: (event: CloseEvent | null) => void): void }} Closing */

/** Somebody's requests to the server. */
export class Api {
  /** @param {() => string} base the server's address, which may change when it starts anew */
  constructor(base) {
    this.base = base;
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {Person | null} person
   * @param {unknown} [body]
   */
  async ask(method, path, person, body) {
    const answer = await fetch(this.base() + path, {
      method,
      headers: {
        "content-type": "application/json",
        ...(person && { authorization: `Bearer ${person.token}` }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    assert.ok(answer.ok, `${method} ${path}: ${String(answer.status)} ${text}`);
    return text ? JSON.parse(text) : null;
  }

  /**
   * @param {string} name
   * @returns {Promise<Person>}
   */
  async guest(name) {
    const username = `${name} ${randomUUID().slice(0, 6)}`;
    const { token, user } = await this.ask("POST", "/api/auth/guest", null, { username });
    return { name: username, id: user.id, token };
  }

  /**
   * @param {Person} person
   * @param {object} [settings]
   * @returns {Promise<string>} the session's id
   */
  async session(person, settings = {}) {
    return (await this.ask("POST", "/api/sessions", person, settings)).id;
  }

  get sockets() {
    return `${this.base().replace("http", "ws")}/ws/sessions`;
  }
}

/** A document of one person that a provider keeps equal to the session's. */
export class Participant {
  /** @type {number[]} */
  closes = [];
  doc = new Y.Doc();
  text = this.doc.getText("code");

  /**
   * @param {Api} api
   * @param {string} session
   * @param {Version} version
   * @param {Record<string, string>} params
   */
  constructor(api, session, version, params) {
    this.provider = new PROVIDERS[version](api.sockets, session, this.doc, {
      params,
      WebSocketPolyfill: /** @type {any} */ (WebSocket),
      disableBc: true,
    });
    /** @type {Closing} */ (this.provider).on("connection-close", (event) => {
      if (event) this.closes.push(event.code);
    });
  }

  async synced() {
    await until(() => this.provider.synced, "the provider is in sync");
    return this;
  }

  /** @param {string} text */
  async shows(text) {
    await until(() => this.text.toString() === text, `the text is ${text.slice(0, 80)}`);
  }

  /** Waits for a close and tells its code. */
  async closed() {
    await until(() => this.closes.length > 0, "the socket is closed");
    return this.closes[0];
  }

  leave() {
    this.provider.destroy();
    this.doc.destroy();
  }
}

/**
 * @param {() => boolean | Promise<boolean>} holds
 * @param {string} what
 * @param {number} [limit]
 */
export async function until(holds, what, limit = PATIENCE_MS) {
  const end = Date.now() + limit;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

/** @param {Participant[]} participants */
export async function equal(participants) {
  const [first, ...others] = participants;
  if (!first) return;
  const same = () => others.every(({ text }) => text.toString() === first.text.toString());
  await until(same, "everybody has the same text");
}
