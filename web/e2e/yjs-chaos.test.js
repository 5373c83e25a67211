/**
 * Sessions at random with real Yjs and the real server: stock providers of every version and people whose network loses, repeats and
 * reorders; parts and policy change, the server is stopped and killed. In the end everybody has the same, and so does the journal alone.
 *
 * The seed is printed; `CODEMENTOR_TEST_SEED` replays what is tried, though not when it arrives.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import * as Y from "yjs";
import { SEED, randomOf } from "./support/seed.js";
import { Server } from "./support/server.js";
import { Unruly } from "./support/unruly.js";
import { Api, Participant, PROVIDERS, until } from "./support/yjs.js";

/** @typedef {import("./support/yjs.js").Person} Person */
/** @typedef {import("./support/yjs.js").Version} Version */

const STEPS = Number(process.env["CODEMENTOR_FUZZ_CASES"] ?? 1500);
const UNRULY = 4;
const PIECES = ["a", "let x = 1;\n", "é", "日本", "😀", "🦀🦀b", "}\n"];
const ROLES = ["viewer", "viewer", "navigator", "mentor", "driver"];
/** The server went away, or the other side of a killed process. */
const AWAY = [1005, 1006, 1012];

const LIMIT = { timeout: 60_000 + 150 * STEPS };

test("sessions of any kind end alike for everybody and in the journal", LIMIT, async (context) => {
  context.diagnostic(`CODEMENTOR_TEST_SEED=${String(SEED)} CODEMENTOR_FUZZ_CASES=${String(STEPS)}`);
  // The provider says there what a viewer's edit is answered with.
  context.mock.method(console, "warn", () => undefined);
  const world = await World.of(SEED);
  try {
    for (let step = 0; step < STEPS; step += 1) await world.step();
    await world.settles();
    await world.isOne();
  } finally {
    context.diagnostic(JSON.stringify(world.seen));
    await world.end();
  }
});

class World {
  /** What was tried, so that one sees it. */
  seen = { edits: 0, cuts: 0, reordered: 0, repeated: 0, roles: 0, policies: 0, stops: 0, kills: 0 };

  /** @param {number} seed */
  static async of(seed) {
    const server = await Server.start();
    const api = new Api(() => server.url);
    const ada = await api.guest("Ada");
    const session = await api.session(ada, { code: "start\n" });
    const world = new World(randomOf(seed), server, api, ada, session);
    for (const version of /** @type {Version[]} */ (Object.keys(PROVIDERS))) {
      const { token } = await world.newcomer();
      world.stock.push(await new Participant(api, session, version, { token }).synced());
    }
    for (let n = 0; n < UNRULY; n += 1) {
      const { token } = await world.newcomer();
      const one = new Unruly(() => `${api.sockets}/${session}?token=${token}`);
      one.connect();
      world.unruly.push(one);
    }
    await until(() => world.unruly.every(({ isConnected }) => isConnected), "everybody is there");
    return world;
  }

  /**
   * @param {import("./support/seed.js").Random} random
   * @param {Server} server
   * @param {Api} api
   * @param {Person} ada
   * @param {string} session
   */
  constructor(random, server, api, ada, session) {
    this.random = random;
    this.server = server;
    this.api = api;
    this.ada = ada;
    this.session = session;
    /** @type {Participant[]} */
    this.stock = [];
    /** @type {Unruly[]} */
    this.unruly = [];
    /** @type {Person[]} */
    this.others = [];
  }

  async newcomer() {
    const person = await this.api.guest(`Learner ${String(this.others.length)}`);
    await this.api.ask("POST", `/api/sessions/${this.session}/join`, person);
    this.others.push(person);
    return person;
  }

  async step() {
    const what = this.random(200);
    if (what < 120) this.#edits(this.#any([...this.stock, ...this.unruly]));
    else if (what < 135) this.#holds(this.#any(this.unruly));
    else if (what < 150) this.#repeats(this.#any(this.unruly));
    else if (what < 160) this.#comesOrGoes();
    else if (what < 168) await this.#changesRole(this.#any(this.others), this.#any(ROLES));
    else if (what < 171) await this.#changesPolicy(this.#any(["free", "driver"]));
    else if (what < 173) await this.#restarts();
    // Words go round while somebody asks.
    else await this.api.ask("GET", `/api/sessions/${this.session}`, this.ada);
    if (this.random(3) === 0) await new Promise(setImmediate);
  }

  /** @param {Participant | Unruly} one */
  #edits({ text }) {
    this.seen.edits += 1;
    if (text.length > 2 && this.random(3) === 0) {
      const at = this.random(text.length - 1);
      text.delete(at, Math.min(1 + this.random(6), text.length - at));
    } else {
      text.insert(this.random(text.length + 1), this.#any(PIECES));
    }
  }

  /** @param {Unruly} one */
  #holds(one) {
    one.holds = !one.holds;
    if (!one.holds) this.seen.reordered += one.let(this.random);
  }

  /** @param {Unruly} one */
  #repeats(one) {
    this.seen.repeated += 1;
    one.repeat(this.random);
  }

  #comesOrGoes() {
    this.seen.cuts += 1;
    if (this.random(4) === 0) {
      const { provider } = this.#any(this.stock);
      if (provider.shouldConnect) provider.disconnect();
      else provider.connect();
      return;
    }
    const one = this.#any(this.unruly);
    if (one.isConnected) one.cut();
    else one.connect();
  }

  /**
   * @param {Person} person
   * @param {string} role
   */
  async #changesRole(person, role) {
    this.seen.roles += 1;
    await this.api.ask("PATCH", `/api/sessions/${this.session}/participants/${person.id}`, this.ada, {
      role,
    });
  }

  /** @param {string} policy */
  async #changesPolicy(policy) {
    this.seen.policies += 1;
    await this.api.ask("PATCH", `/api/sessions/${this.session}`, this.ada, { policy });
  }

  async #restarts() {
    if (this.random(2)) {
      this.seen.kills += 1;
      await this.server.kill();
    } else {
      this.seen.stops += 1;
      await this.server.terminate();
    }
    for (let edits = this.random(6); edits > 0; edits -= 1) {
      this.#edits(this.#any([...this.stock, ...this.unruly]));
    }
    await this.server.restart();
  }

  /** Everybody comes back, may write, and has said everything. */
  async settles() {
    await this.#changesPolicy("free");
    for (const person of this.others) await this.#changesRole(person, "navigator");
    for (const { provider } of this.stock) provider.connect();
    for (const one of this.unruly) {
      one.holds = false;
      // What was held back comes with the answer to the server's question.
      one.cut();
    }
    await until(() => {
      for (const one of this.unruly) one.connect();
      return this.unruly.every(({ isConnected }) => isConnected);
    }, "everybody is back");
    const [first, ...others] = this.#documents();
    assert.ok(first);
    await until(() => others.every((other) => isEqual(first, other)), "everybody has the same");
  }

  /** Who comes new has the same, and so has who has nothing but the journal. */
  async isOne() {
    const [one] = this.#documents();
    assert.ok(one);
    const late = await new Participant(this.api, this.session, "newest", { token: this.ada.token }).synced();
    assert.ok(isEqual(one, late.doc), "for who comes late");
    late.leave();
    const kept = await this.#journal();
    assert.equal(kept.getText("code").toString(), one.getText("code").toString(), "in the journal");
    assert.ok(isEqual(one, kept), "in the journal");
    assert.equal(one.store.pendingStructs, null);
    const closes = [...this.stock, ...this.unruly].flatMap(({ closes }) => closes);
    assert.deepEqual(
      closes.filter((code) => !AWAY.includes(code)),
      [],
      "nobody was thrown out",
    );
    assert.ok(one.getText("code").length > 0);
  }

  #documents() {
    return [...this.stock, ...this.unruly].map(({ doc }) => doc);
  }

  /** A document of the entries alone, read from the exported file: a line of header, the entries packed, a line with their sum. */
  async #journal() {
    const answer = await fetch(`${this.api.base()}/api/sessions/${this.session}/export`, {
      headers: { authorization: `Bearer ${this.ada.token}` },
    });
    assert.equal(answer.status, 200);
    const file = Buffer.from(await answer.arrayBuffer());
    const packed = file.subarray(file.indexOf("\n") + 1, file.lastIndexOf("\n{"));
    const doc = new Y.Doc();
    for (const line of gunzipSync(packed).toString().trimEnd().split("\n")) {
      const { edit } = JSON.parse(line);
      if (edit) Y.applyUpdate(doc, Buffer.from(edit, "base64"));
    }
    return doc;
  }

  /**
   * @template T
   * @param {T[]} list
   * @returns {T}
   */
  #any(list) {
    return /** @type {T} */ (list[this.random(list.length)]);
  }

  async end() {
    for (const one of [...this.stock, ...this.unruly]) one.leave();
    await this.server.stop();
  }
}

/**
 * The same text, the same state vector, the same deletions.
 * @param {Y.Doc} one
 * @param {Y.Doc} other
 */
function isEqual(one, other) {
  const texts = [one, other].map((doc) => doc.getText("code").toString());
  return texts[0] === texts[1] && Y.equalSnapshots(Y.snapshot(one), Y.snapshot(other));
}
