/** Bent updates against the real server, with real Yjs looking on: whatever the server takes, everybody ends with the same text. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import WebSocket from "ws";
import * as Y from "yjs";
import { SEED, randomOf } from "./support/seed.js";
import { Server } from "./support/server.js";
import { Api, Participant, equal } from "./support/yjs.js";

/** Frames in all; the reconnecting that many of them cost takes most of the time. */
const CASES = Number(process.env["CODEMENTOR_FUZZ_CASES"] ?? 480);
/** After so many of them everybody is compared. */
const ROUND = 40;

const LIMIT = { timeout: 60_000 + 100 * CASES };

/** @type {Server} */
let server;
const api = new Api(() => server.url);

before(async () => {
  server = await Server.start();
});

after(async () => {
  await server.stop();
});

test("what is bent and taken is the same for every Yjs, and for the server", LIMIT, async (context) => {
  context.diagnostic(`CODEMENTOR_TEST_SEED=${String(SEED)}`);
  const random = randomOf(SEED);
  const [ada, eve] = [await api.guest("Ada"), await api.guest("Eve")];
  const session = await api.session(ada);
  await api.ask("POST", `/api/sessions/${session}/join`, eve);
  const token = { token: ada.token };
  const honest = [
    await new Participant(api, session, "newest", token).synced(),
    await new Participant(api, session, "1.5.4", token).synced(),
  ];
  const hostile = new Hostile(`${api.sockets}/${session}?token=${eve.token}`);
  for (let tried = 0; tried < CASES; tried += ROUND) {
    for (let n = 0; n < ROUND; n += 1) await hostile.send(bend(random, hostile.edit(random)));
    for (const { text } of honest) text.insert(random(text.length + 1), random(2) ? "honest\n" : "é😀");
    const late = await new Participant(api, session, "newest", token).synced();
    await equal([...honest, late]);
    await late.shows(await serverText(session, ada.token));
    late.leave();
  }
  assert.match(
    honest[0]?.text.toString() ?? "",
    /x|ab/,
    "nothing of the hostile was taken, so nothing was tried",
  );
  assert.deepEqual(
    honest.flatMap(({ closes }) => closes),
    [],
  );
  hostile.leave();
  for (const one of honest) one.leave();
});

/** Somebody who edits and tells it wrong; comes back whenever they are thrown out. */
class Hostile {
  doc = new Y.Doc();
  /** @type {WebSocket | null} */
  #socket = null;

  /** @param {string} url */
  constructor(url) {
    this.url = url;
  }

  /**
   * The next edit, as a frame. Some are of a document of nobody's: what the server has is not all that it builds on.
   * @param {Random} random
   */
  edit(random) {
    if (random(8) === 0) this.doc = new Y.Doc();
    const text = this.doc.getText("code");
    /** @type {Uint8Array} */
    let update = new Uint8Array();
    this.doc.once("update", (/** @type {Uint8Array} */ made) => (update = made));
    if (text.length > 3 && random(3) === 0) text.delete(random(text.length - 2), 1 + random(2));
    else text.insert(random(text.length + 1), ["x", "ab\n", "é", "😀"][random(4)] ?? "");
    return update;
  }

  /** @param {Uint8Array} update */
  async send(update) {
    const socket = (this.#socket ??= await opened(this.url));
    const ended = new Promise((resolve) => {
      socket.once("close", () => {
        this.#socket = null;
        resolve(null);
      });
      socket.once("pong", resolve);
    });
    const length = update.length < 128 ? [update.length] : [(update.length & 127) | 128, update.length >> 7];
    socket.send(Uint8Array.from([0, 2, ...length, ...update]));
    // Frames are taken in order, so whatever comes of it has come when this is answered.
    socket.ping();
    await ended;
    socket.removeAllListeners("pong").removeAllListeners("close");
  }

  leave() {
    this.#socket?.terminate();
    this.doc.destroy();
  }
}

/** @param {string} url */
async function opened(url) {
  const socket = new WebSocket(url);
  // Thrown out with a code; that is what this is for.
  socket.on("error", () => undefined);
  await new Promise((resolve, reject) => {
    socket.once("open", resolve);
    socket.once("unexpected-response", (_, answer) => {
      reject(new Error(`not let in: ${String(answer.statusCode)}`));
    });
  });
  return socket;
}

/**
 * The text as the server tells it to who has no CRDT.
 * @param {string} session
 * @param {string} token
 * @returns {Promise<string>}
 */
async function serverText(session, token) {
  const socket = new WebSocket(`${api.sockets}/${session}?token=${token}`, "codementor.v1");
  await new Promise((resolve) => socket.once("open", resolve));
  const state = new Promise((resolve) => {
    socket.on("message", (data, isBinary) => {
      if (isBinary) return;
      const event = JSON.parse(String(data));
      if (event.type === "session-state") resolve(event.data.code);
    });
  });
  socket.send(JSON.stringify({ type: "join-session", data: {} }));
  const code = await state;
  socket.terminate();
  return /** @type {string} */ (code);
}

/** @typedef {import("./support/seed.js").Random} Random */

/**
 * @param {Random} random
 * @param {Uint8Array} bytes
 */
function bend(random, bytes) {
  const bent = Array.from(bytes);
  // Some stay as they are, so that there is something to build on.
  for (let times = random(3); times > 0; times -= 1) {
    const at = random(bent.length);
    switch (random(5)) {
      case 0:
        bent[at] = (bent[at] ?? 0) ^ (1 << random(8));
        break;
      case 1:
        bent[at] = ((bent[at] ?? 0) + (random(2) ? 1 : 255)) & 255;
        break;
      case 2:
        bent.splice(at, 1);
        break;
      case 3:
        bent.splice(at, 0, random(256));
        break;
      default:
        bent.splice(at, 1, 0xff, 0xff, 0x03);
    }
  }
  return Uint8Array.from(bent);
}
