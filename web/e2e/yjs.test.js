/** Real Yjs against the real server: unmodified providers, as everybody uses them. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import WebSocket from "ws";
import * as Y from "yjs";
import { Server } from "./support/server.js";
import { Api, Participant, PROVIDERS, equal, until } from "./support/yjs.js";

/** @typedef {import("./support/yjs.js").Version} Version */
/** @typedef {import("./support/yjs.js").Person} Person */

/** The common provider gives a connection up that brought no message for 30 seconds, and looks every 3. */
const PROVIDERS_PATIENCE_MS = 34_000;
const LIMIT = { timeout: 90_000 };

const VERSIONS = /** @type {Version[]} */ (Object.keys(PROVIDERS));

/** @type {Server} */
let server;
const api = new Api(() => server.url);
/** @type {Participant[]} */
let participants = [];
/** @type {{ since: number, alone: Participant[] }} */
let idle;

/**
 * @param {string} session
 * @param {Version} version
 * @param {Person} person
 */
async function join(session, version, person) {
  const participant = new Participant(api, session, version, { token: person.token });
  participants.push(participant);
  return participant.synced();
}

before(async () => {
  server = await Server.start();
  const ida = await api.guest("Ida");
  const alone = VERSIONS.map(async (version) => {
    const participant = new Participant(api, await api.session(ida), version, { token: ida.token });
    return participant.synced();
  });
  idle = { alone: await Promise.all(alone), since: Date.now() };
});

after(async () => {
  for (const participant of [...participants, ...idle.alone]) participant.leave();
  await server.stop();
});

for (const [first, second] of /** @type {[Version, Version][]} */ ([
  ["newest", "newest"],
  ["1.5.4", "1.5.4"],
  ["newest", "1.5.4"],
  ["1.5.4", "newest"],
  ["newest", "2.1.0"],
  ["2.1.0", "1.5.4"],
])) {
  test(`providers ${first} and ${second} write in one text`, LIMIT, async () => {
    const [ada, ben] = [await api.guest("Ada"), await api.guest("Ben")];
    const session = await api.session(ada, { code: "print()\n" });
    const [a, b] = [await join(session, first, ada), await join(session, second, ben)];
    assert.equal(a.text.toString(), "print()\n");
    a.text.insert(6, "'grüße 😀'");
    await b.shows("print('grüße 😀')\n");
    // Both at once, at the same place and apart.
    for (let n = 0; n < 50; n += 1) {
      a.text.insert(0, `a${String(n)} `);
      b.text.insert(0, `b${String(n)} `);
      b.text.insert(b.text.length, "#");
      if (n % 3 === 0) a.text.delete(1, 3);
      if (n % 7 === 0) await new Promise(setImmediate);
    }
    await until(() => a.text.toString().split("#").length === 51, "the first has what the second wrote");
    await equal([a, b]);
    const late = await join(session, first, await api.guest("Cleo"));
    assert.equal(late.text.toString(), a.text.toString());
    assert.deepEqual([a.closes, b.closes, late.closes], [[], [], []]);
  });

  test(`a half of a character that ${first} cuts is the same for ${second}`, LIMIT, async () => {
    const [ada, ben] = [await api.guest("Ada"), await api.guest("Ben")];
    const session = await api.session(ada, { code: "x😀y😀z" });
    const [a, b] = [await join(session, first, ada), await join(session, second, ben)];
    a.text.insert(2, "|");
    a.text.delete(5, 1);
    await until(() => b.text.toString() === a.text.toString(), "both show the same");
    const late = await join(session, second, ben);
    assert.equal(late.text.toString(), a.text.toString());
    b.text.insert(0, "on ");
    await a.shows(b.text.toString());
    assert.deepEqual([a.closes, b.closes], [[], []]);
  });
}

for (const version of VERSIONS) {
  test(`${version}: a ticket opens one socket once`, LIMIT, async () => {
    const ada = await api.guest("Ada");
    const session = await api.session(ada, { code: "x" });
    const { ticket } = await api.ask("POST", `/api/sessions/${session}/ticket`, ada);
    const first = new Participant(api, session, version, { ticket });
    participants.push(first);
    await first.synced();
    assert.equal(first.text.toString(), "x");
    const second = new Participant(api, session, version, { ticket });
    participants.push(second);
    assert.equal(await second.closed(), 4401);
    second.provider.disconnect();
    first.text.insert(0, "y");
    await (await join(session, version, ada)).shows("yx");
  });

  test(`${version}: what was written while the server was away is there for all`, LIMIT, async () => {
    const [ada, ben] = [await api.guest("Ada"), await api.guest("Ben")];
    const own = await Server.start();
    const away = new Api(() => own.url);
    try {
      const [eve, gil] = [await away.guest("Eve"), await away.guest("Gil")];
      const session = await away.session(eve, { code: "start\n" });
      const [a, b] = [eve, gil].map(({ token }) => new Participant(away, session, version, { token }));
      assert.ok(a && b);
      participants.push(a, b);
      await Promise.all([a.synced(), b.synced()]);
      a.text.insert(0, "told ");
      await b.shows("told start\n");
      await own.kill();
      a.text.insert(0, "A");
      b.text.insert(b.text.length, "B");
      b.text.delete(5, 1);
      await until(() => !a.provider.wsconnected && !b.provider.wsconnected, "both noticed");
      a.text.insert(1, "a");
      await own.restart();
      const merged = "Aatold tart\nB";
      await Promise.all([a.shows(merged), b.shows(merged)]);
      const late = new Participant(away, session, version, { token: gil.token });
      participants.push(late);
      await (await late.synced()).shows(merged);
    } finally {
      for (const participant of participants) if (!participant.provider.wsconnected) participant.leave();
      await own.stop();
    }
    assert.ok(ada && ben);
  });

  test(`${version}: who somebody is, is what the server knows`, LIMIT, async () => {
    const [ada, ben] = [await api.guest("Ada"), await api.guest("Ben")];
    const session = await api.session(ada);
    const [a, b] = [await join(session, version, ada), await join(session, version, ben)];
    b.provider.awareness.setLocalState({ user: { name: "<img src=x>", color: "url(evil)" }, cursor: 7 });
    const seen = () => a.provider.awareness.getStates().get(b.doc.clientID);
    await until(() => seen()?.["cursor"] === 7, "the cursor is seen");
    const { user } = /** @type {any} */ (seen());
    assert.equal(user.name, ben.name);
    assert.equal(user.id, ben.id);
    assert.match(user.color, /^#[0-9a-f]{6}$/);
    b.leave();
    await until(() => !seen(), "who left is gone");
  });

  test(`${version}: a class that moves its carets stays together`, LIMIT, async () => {
    const ada = await api.guest("Ada");
    const session = await api.session(ada);
    const people = await Promise.all(["Ben", "Eve", "Ida"].map((name) => api.guest(name)));
    for (const person of people) await api.ask("POST", `/api/sessions/${session}/join`, person);
    const sits = Array.from({ length: 24 }, (_, n) => join(session, version, people[n % 3] ?? ada));
    const all = await Promise.all(sits);
    // Providers pass on all that they hear: each sends 25 times as much as it shows of itself.
    for (let move = 1; move <= 40; move += 1) {
      for (const { provider } of all) provider.awareness.setLocalState({ cursor: move });
    }
    // The largest state there may be comes back larger than it went: 1e20 is written in full.
    const [first] = all;
    assert.ok(first);
    first.provider.awareness.setLocalState({ cursor: 40, far: Array.from({ length: 150 }, () => 1e20) });
    const arrived = () =>
      all.every(({ provider }) => {
        const states = [...provider.awareness.getStates().values()];
        return states.length === all.length && states.every((state) => state["cursor"] === 40);
      });
    await until(arrived, "everybody sees where everybody is");
    first.text.insert(0, "all here");
    for (const one of all) await one.shows("all here");
    assert.deepEqual(
      all.flatMap(({ closes }) => closes),
      [],
    );
  });

  test(`${version}: a viewer reads and does not write`, LIMIT, async () => {
    const [ada, vic] = [await api.guest("Ada"), await api.guest("Vic")];
    const session = await api.session(ada, { code: "x" });
    await api.ask("POST", `/api/sessions/${session}/join`, vic);
    await api.ask("PATCH", `/api/sessions/${session}/participants/${vic.id}`, ada, { role: "viewer" });
    const [a, v] = [await join(session, version, ada), await join(session, version, vic)];
    v.text.insert(0, "forbidden ");
    a.text.insert(1, "1");
    await until(() => v.text.toString().includes("x1"), "a viewer hears the others");
    // Whatever came of it has been there for as long as the answer to this.
    const late = await join(session, version, ada);
    assert.equal(late.text.toString(), "x1");
    assert.equal(a.text.toString(), "x1");
    assert.deepEqual(v.closes, [], "and they may stay");
    // Once they may write, what they wrote is asked for.
    await api.ask("PATCH", `/api/sessions/${session}/participants/${vic.id}`, ada, { role: "navigator" });
    await a.shows(v.text.toString());
    assert.ok(a.text.toString().includes("forbidden"));
  });
}

test("an update in the second format is refused", LIMIT, async () => {
  const ada = await api.guest("Ada");
  const session = await api.session(ada);
  const doc = new Y.Doc();
  doc.getText("code").insert(0, "x");
  const update = Y.encodeStateAsUpdateV2(doc);
  const socket = new WebSocket(`${api.sockets}/${session}?token=${ada.token}`);
  const closed = new Promise((resolve) => socket.once("close", resolve));
  await new Promise((resolve) => socket.once("open", resolve));
  socket.send(Buffer.concat([Buffer.from([0, 2, update.length]), update]));
  assert.equal(await closed, 4400);
  assert.equal((await join(session, "newest", ada)).text.toString(), "");
});

test("who is alone and silent stays connected for longer than providers wait", LIMIT, async () => {
  const left = idle.since + PROVIDERS_PATIENCE_MS - Date.now();
  // The one wait by the clock: it is the provider's own patience that is tried. It began before the other tests.
  await new Promise((resolve) => setTimeout(resolve, Math.max(left, 0)));
  for (const { provider, closes } of idle.alone) {
    assert.deepEqual(closes, []);
    assert.ok(provider.wsconnected);
  }
});
