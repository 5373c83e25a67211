/** Real people's typing, recorded keystroke by keystroke, replayed by real Yjs through the real server. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { gunzipSync } from "node:zlib";
import * as Y from "yjs";
import { Server } from "./support/server.js";
import { Api, Participant, until } from "./support/yjs.js";

const LIMIT_MS = 240_000;
/** Of the one long trace so many edits are one update. */
const TOGETHER = 50;
/** Updates after which others get a turn: the socket is not a place to keep a whole trace. */
const TURN = 64;

/** @typedef {[at: number, deleted: number, insert: string]} Patch */
/** @typedef {{ parents: number[], agent: number, patches: Patch[] }} Transaction */

/** @type {Server} */
let server;
const api = new Api(() => server.url);

before(async () => {
  server = await Server.start();
});

after(() => server.stop());

/**
 * A test of a trace, or a named gap where there is none.
 * @param {string} name
 * @param {(trace: { endContent: string, numAgents: number, txns: Transaction[] }) => Promise<void>} play
 */
function testTrace(name, play) {
  const folder = process.env["CODEMENTOR_CORPUS"];
  const path = join(folder ?? "", "editing-traces", `${name}.json.gz`);
  const isThere = folder !== undefined && existsSync(path);
  const skip =
    !isThere && `SKIPPED ${name}: CODEMENTOR_CORPUS names no folder with editing-traces/${name}.json.gz`;
  test(`the trace ${name} ends as it ended`, { timeout: LIMIT_MS, skip }, async () => {
    await play(JSON.parse(gunzipSync(readFileSync(path)).toString()));
  });
}

testTrace("automerge-paper", async ({ endContent, txns }) => {
  const ada = await api.guest("Ada");
  const session = await api.session(ada);
  const [writer, reader] = [1, 2].map(() => new Participant(api, session, "newest", { token: ada.token }));
  assert.ok(writer && reader);
  await Promise.all([writer.synced(), reader.synced()]);
  for (let at = 0; at < txns.length; at += TOGETHER) {
    writer.doc.transact(() => {
      for (const { patches } of txns.slice(at, at + TOGETHER)) apply(writer.text, patches);
    });
    if ((at / TOGETHER) % TURN === 0) await new Promise(setImmediate);
  }
  await until(() => reader.text.length === writer.text.length, "the reader has all", LIMIT_MS);
  const late = await new Participant(api, session, "1.5.4", { token: ada.token }).synced();
  for (const { text } of [writer, reader, late]) assert.ok(text.toString() === endContent, "the text is the record's");
  assert.deepEqual([writer.closes, reader.closes], [[], []]);
  for (const one of [writer, reader, late]) one.leave();
});

testTrace("friendsforever", async ({ endContent, numAgents, txns }) => {
  const ada = await api.guest("Ada");
  const session = await api.session(ada);
  const agents = await Promise.all(
    Array.from({ length: numAgents }, async (_, who) => {
      const participant = new Participant(api, session, "newest", { token: ada.token });
      return new Agent(await participant.synced(), who);
    }),
  );
  const seen = histories(txns, numAgents);
  for (const [index, { agent, patches }] of txns.entries()) {
    const author = /** @type {Agent} */ (agents[agent]);
    const known = /** @type {number[]} */ (seen[index]);
    const other = known.reduce((sum, count, who) => (who === agent ? sum : sum + count), 0);
    await author.hear(other);
    author.write(patches);
    if (index % TURN === 0) await new Promise(setImmediate);
  }
  const counts = agents.map((_, who) => txns.filter(({ agent }) => agent !== who).length);
  for (const [who, agent] of agents.entries()) await agent.hear(/** @type {number} */ (counts[who]));
  const late = await new Participant(api, session, "1.5.4", { token: ada.token }).synced();
  for (const { text } of [...agents, late]) assert.ok(text.toString() === endContent, "the text is the record's");
  for (const { participant } of agents) {
    assert.deepEqual(participant.closes, []);
    participant.leave();
  }
  late.leave();
});

/**
 * One of the people who typed: what they see is only what they had seen when they typed, however fast the server brings more.
 */
class Agent {
  doc = new Y.Doc();
  text = this.doc.getText("code");
  /** @type {Uint8Array[]} */
  #arrived = [];
  #seen = 0;

  /**
   * @param {Participant} participant
   * @param {number} who
   */
  constructor(participant, who) {
    this.participant = participant;
    // Where two wrote at the same place at the same time the lower number stands first, as in the record.
    this.doc.clientID = who + 1;
    participant.doc.on("update", (/** @type {Uint8Array} */ update, /** @type {unknown} */ origin) => {
      if (origin !== this) this.#arrived.push(update);
    });
    this.doc.on("update", (/** @type {Uint8Array} */ update, /** @type {unknown} */ origin) => {
      if (origin !== this) Y.applyUpdate(participant.doc, update, this);
    });
  }

  /**
   * Sees so many of the others' edits, waiting for them.
   * @param {number} count
   */
  async hear(count) {
    if (this.#seen < count) {
      await until(() => this.#arrived.length >= count, `${String(count)} edits of others have come`);
    }
    while (this.#seen < count) {
      Y.applyUpdate(this.doc, /** @type {Uint8Array} */ (this.#arrived[this.#seen]), this);
      this.#seen += 1;
    }
  }

  /** @param {Patch[]} patches */
  write(patches) {
    this.doc.transact(() => {
      apply(this.text, patches);
    });
  }
}

/**
 * @param {Y.Text} text
 * @param {Patch[]} patches
 */
function apply(text, patches) {
  for (const [at, deleted, insert] of patches) {
    if (deleted > 0) text.delete(at, deleted);
    if (insert) text.insert(at, insert);
  }
}

/**
 * For each transaction, how many of each agent's its author had seen.
 * @param {Transaction[]} txns
 * @param {number} numAgents
 */
function histories(txns, numAgents) {
  /** @type {number[][]} */
  const after = [];
  return txns.map(({ parents, agent }) => {
    const before = Array.from({ length: numAgents }, (_, who) =>
      Math.max(0, ...parents.map((parent) => after[parent]?.[who] ?? 0)),
    );
    after.push(before.map((count, who) => (who === agent ? count + 1 : count)));
    return before;
  });
}
