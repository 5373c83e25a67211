/** Stock editors against the real server: CodeMirror and Monaco with the Yjs bindings and the provider as everybody installs them. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launchBrowser } from "./support/browser.js";
import { Site, Writer, together } from "./support/editors.js";
import { Server } from "./support/server.js";
import { Api, Participant, PROVIDERS, until } from "./support/yjs.js";

/** @typedef {import("./support/editors.js").Kind} Kind */
/** @typedef {import("./support/yjs.js").Person} Person */
/** @typedef {import("./support/yjs.js").Version} Version */

const LIMIT = { timeout: 90_000 };
const VERSIONS = /** @type {Version[]} */ (Object.keys(PROVIDERS));

/** No letters, so that whoever wrote one is known by it. */
const START = "# 1 2 3\n";

/** What the browser says of a socket whose server is away. */
const AWAY = /WebSocket connection to .* failed/;
/** What it says of a socket that was refused, and of one that was cut. */
const ABNORMAL = 1006;

/** @type {Site} */
let site;
/** @type {Server} */
let server;
/** @type {import("playwright-core").Browser} */
let browser;
const api = new Api(() => server.url);

before(async () => {
  site = await Site.listen();
  // Sockets are taken from the one site that the operator names, and these pages are on a site of their own.
  [server, browser] = await Promise.all([
    Server.start({ CODEMENTOR_PUBLIC_URL: site.url }),
    launchBrowser(),
    site.build(),
  ]);
});

after(async () => {
  await browser?.close();
  await server?.stop();
  site?.close();
});

/** Ada sits at CodeMirror, Ben at Monaco, and a Cleo at each provider without an editor. */
class Scene {
  /**
   * @param {string} session
   * @param {Writer[]} [writers]
   * @param {Participant[]} [cleos]
   */
  constructor(session, writers = [], cleos = []) {
    this.session = session;
    this.writers = writers;
    this.cleos = cleos;
  }

  /**
   * @param {Kind} kind
   * @param {Person} person
   */
  async writer(kind, person) {
    const place = { server: api.sockets, session: this.session, token: person.token };
    const writer = await Writer.open(browser, site, kind, place);
    this.writers.push(writer);
    return writer.synced();
  }

  /** One with each provider. */
  async providers() {
    const token = (await api.guest("Cleo")).token;
    const all = VERSIONS.map((version) => new Participant(api, this.session, version, { token }));
    this.cleos.push(...all);
    await Promise.all(all.map((one) => one.synced()));
    return all;
  }

  /** @param {...string} words that must be in everybody's text */
  together(...words) {
    return together(this.writers, this.cleos, words);
  }

  /**
   * Waits until everybody has just this text.
   * @param {string} text
   */
  async exactly(text) {
    assert.equal(await this.together(text), text);
    return text;
  }

  /** Every close of every socket so far, of those who are here. */
  async closes() {
    const codes = await Promise.all(this.writers.map((writer) => writer.closes()));
    return [...codes, ...this.cleos.map(({ closes }) => closes)].flat();
  }

  /** @param {...Writer} who */
  async leave(...who) {
    this.writers = this.writers.filter((writer) => !who.includes(writer));
    for (const writer of who) await writer.leave();
  }

  /** Puts everything away, whatever has happened. */
  async end() {
    for (const cleo of this.cleos) cleo.leave();
    for (const writer of this.writers) await writer.close();
  }
}

/**
 * @param {string} name
 * @param {(scene: Scene, people: { ada: Writer, ben: Writer, owner: Person, guest: Person }) => Promise<void>} play
 */
function scene(name, play) {
  test(name, LIMIT, async () => {
    const [owner, guest] = [await api.guest("Ada"), await api.guest("Ben")];
    const stage = new Scene(await api.session(owner, { code: START }));
    try {
      const [ada, ben] = [await stage.writer("codemirror", owner), await stage.writer("monaco", guest)];
      await stage.providers();
      await play(stage, { ada, ben, owner, guest });
      await stage.leave(...stage.writers);
    } finally {
      await stage.end();
    }
  });
}

scene("CodeMirror, Monaco and every provider write in one text", async (stage, { ada, ben }) => {
  // At the same place, at the same time, and the others in between.
  const [small, capital] = ["thequickbrownfoxjumpsoverthelazydog", "PACKMYBOXWITHFIVEDOZENLIQUORJUGS"];
  await Promise.all([ada.goTo("Control+Home"), ben.goTo("Control+Home")]);
  const typing = Promise.all([ada.type(small), ben.type(capital)]);
  for (const [n, cleo] of stage.cleos.entries()) {
    await until(() => cleo.text.length > START.length, "they have begun");
    cleo.text.insert(0, String(n));
    cleo.text.insert(cleo.text.length, `cleo ${String(n)}\n`);
  }
  await typing;
  const begun = await stage.together(START, ...stage.cleos.map((_, n) => `cleo ${String(n)}\n`));
  const [line = ""] = begun.split("#");
  assert.equal(line.replace(/[^a-z]/g, ""), small, "every key of hers, once and in order");
  assert.equal(line.replace(/[^A-Z]/g, ""), capital, "every key of his, once and in order");

  // Lines, and characters that no key has.
  await Promise.all([ada.goTo("Control+End"), ben.goTo("Control+Home")]);
  await Promise.all([
    ada.press("Enter").then(() => ada.insert("grüße 😀🎉")),
    ben.insert("ÜBER 👋😀").then(() => ben.press("Enter")),
  ]);
  await stage.exactly(`ÜBER 👋😀\n${begun}\ngrüße 😀🎉`);
  await Promise.all([
    ada.press("Backspace", "Backspace", "Backspace"),
    ben.press("Backspace", "Backspace", "ArrowLeft", "Delete"),
  ]);
  await stage.exactly(`ÜBER ${begun}\ngrüße`);

  // Who comes late finds the same.
  await stage.writer("codemirror", await api.guest("Eve"));
  await stage.writer("monaco", await api.guest("Gil"));
  await stage.providers();
  await stage.exactly(`ÜBER ${begun}\ngrüße`);
  assert.deepEqual(await stage.closes(), []);
});

scene("undoing takes back one's own, and reaches everybody", async (stage, { ada, ben }) => {
  await ada.goTo("Control+End");
  await ada.type("hers ");
  await ben.shows("hers ");
  await ben.goTo("Control+End");
  await ben.type("HIS ");
  const before = await stage.exactly(`${START}hers HIS `);

  await ada.goTo("Control+Home");
  await ada.type("oops");
  await stage.exactly(`oops${before}`);
  await ada.undo("oops");
  // It may have taken back more of hers, if she was quick, and never anything of his.
  await stage.together("HIS ");
  await ada.redo("oops");
  await stage.exactly(`oops${before}`);

  // Monaco's undo is its own and knows nothing of Yjs: right where nobody else has written since.
  await ben.goTo("Control+Home");
  await ben.type("OOPS");
  await stage.exactly(`OOPSoops${before}`);
  await ben.undo("OOPS");
  await stage.exactly(`oops${before}`);
  // Where somebody has, it takes back what stands at that place now. Whatever that is, it is the same for all.
  await ben.goTo("Control+End");
  await ben.type("LAST");
  await ada.goTo("Control+Home");
  await ada.type("first ");
  await ben.shows("first ");
  const full = await stage.exactly(`first oops${before}LAST`);
  await ben.press("Control+z");
  assert.notEqual(await stage.together(), full);
  assert.deepEqual(await stage.closes(), []);
});

scene("carets are where they are, under the name that the server knows", async (stage, { ada, ben }) => {
  const [eve, gil] = [await api.guest("Eve"), await api.guest("Gil")];
  const [second, third] = [await stage.writer("codemirror", eve), await stage.writer("monaco", gil)];
  // The bindings keep carets in fields of different names: each sees its own kind.
  await second.goTo("Control+End");
  const caret = ada.page.locator(".cm-ySelectionCaret");
  await caret.waitFor({ state: "attached" });
  assert.equal(await caret.count(), 1);
  assert.equal(await caret.locator(".cm-ySelectionInfo").textContent(), eve.name);
  const { user } = await ada.seen(await second.client());
  assert.deepEqual([user.id, user.name], [eve.id, eve.name]);
  assert.match(user.color, /^#[0-9a-f]{6}$/);
  const style = await caret.evaluate((element) => element.getAttribute("style"));
  assert.ok(style?.includes(`border-color: ${user.color}`), style ?? "");

  await second.press("Control+Home", "Shift+ArrowRight", "Shift+ArrowRight");
  await ada.page.locator(".cm-ySelection", { hasText: START.slice(0, 2) }).waitFor();

  await third.goTo("Control+Home");
  await third.press("Shift+ArrowRight", "Shift+ArrowRight");
  const client = await third.client();
  await ben.page.locator(`.yRemoteSelectionHead-${String(client)}`).waitFor({ state: "attached" });
  await ben.page
    .locator(`.yRemoteSelection-${String(client)}`)
    .first()
    .waitFor({ state: "attached" });
  // What is there for an editor of another kind to show, everybody has.
  for (const writer of [ada, ben]) {
    await until(async () => Boolean((await writer.seen(client))?.selection), "the selection has come");
    assert.equal((await writer.seen(client)).user.name, gil.name);
  }

  assert.deepEqual(await stage.closes(), []);
  await stage.leave(second, third);
  await caret.waitFor({ state: "detached" });
  await ben.page.locator(`.yRemoteSelectionHead-${String(client)}`).waitFor({ state: "detached" });
  assert.deepEqual(await stage.closes(), []);
});

scene("what is typed while the server is away is merged", async (stage, { ada, ben }) => {
  for (const writer of stage.writers) writer.watch.expect(AWAY);
  const small = "sphinxofblackquartzjudgemyvow".repeat(3);
  const capital = "JACKDAWSLOVEMYBIGQUARTZSPHINX".repeat(3);
  await Promise.all([ada.goTo("Control+Home"), ben.goTo("Control+Home")]);
  const typing = Promise.all([ada.type(small), ben.type(capital)]);
  const [cleo] = stage.cleos;
  assert.ok(cleo);
  await until(() => cleo.text.length > START.length + 4, "some of it is everywhere");
  await server.kill();
  assert.ok(cleo.text.length < START.length + small.length + capital.length, "they were in the middle of it");
  await typing;
  await until(async () => !(await ada.connected()) && !(await ben.connected()), "both noticed");
  await Promise.all([ada.goTo("Control+End"), ben.goTo("Control+Home")]);
  await Promise.all([ada.type("hers 😀").then(() => ada.press("Enter")), ben.type("HIS\n")]);
  for (const [n, { text }] of stage.cleos.entries()) text.insert(text.length, `cleo ${String(n)}\n`);
  await server.restart();
  const words = stage.cleos.map((_, n) => `cleo ${String(n)}\n`);
  const merged = await stage.together("hers 😀\n", "HIS\n", ...words);
  const [line = ""] = merged.replace("HIS\n", "").split("#");
  assert.equal(line.replace(/[^a-z]/g, ""), small);
  assert.equal(line.replace(/[^A-Z]/g, ""), capital);
  await stage.providers();
  await stage.writer("monaco", await api.guest("Gil"));
  await stage.exactly(merged);
  // And it goes on.
  await ada.type("back ");
  await ben.type("BACK ");
  await stage.together("back ", "BACK ");
  const closes = await stage.closes();
  assert.ok(closes.length > 0 && closes.every((code) => code === ABNORMAL), String(closes));
});

scene("a viewer's editor reads on, and nobody gets what is typed in it", async (stage, people) => {
  const { ada, ben, owner, guest } = people;
  const participant = `/api/sessions/${stage.session}/participants/${guest.id}`;
  await api.ask("PATCH", participant, owner, { role: "viewer" });
  ben.expectsRefusals = true;
  await ben.goTo("Control+Home");
  await ben.type("FORBIDDEN ");
  await until(() => ben.refusals.length > 0, "he is told");
  assert.match(ben.refusals[0] ?? "", /You may not write here just now/);
  await ada.goTo("Control+End");
  await ada.type("allowed");
  await ben.shows("allowed");
  assert.equal(await ben.content(), `FORBIDDEN ${START}allowed`);
  await stage.providers();
  const others = new Scene(stage.session, [ada], stage.cleos);
  await others.exactly(`${START}allowed`);
  assert.ok(await ben.connected());
  assert.deepEqual(await stage.closes(), []);

  await api.ask("PATCH", participant, owner, { role: "navigator" });
  await stage.exactly(`FORBIDDEN ${START}allowed`);
  assert.deepEqual(await stage.closes(), []);
});

test("control: a page of any other site gets no socket, whatever token it has", LIMIT, async () => {
  const other = await Site.listen();
  try {
    other.pages(site);
    const ada = await api.guest("Ada");
    const place = { server: api.sockets, session: await api.session(ada), token: ada.token };
    const writer = await Writer.open(browser, other, "codemirror", place);
    writer.watch.expect(AWAY);
    await until(async () => (await writer.closes()).length > 0, "the socket is refused");
    assert.ok((await writer.closes()).every((code) => code === ABNORMAL));
    assert.ok(!(await writer.connected()));
    await writer.leave();
  } finally {
    other.close();
  }
});
