/** Stock editors in a browser: pages that have nothing of ours in them, on a site of their own, and the people who write there. */
import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { Watch } from "./watch.js";
import { until } from "./yjs.js";

/** @typedef {"codemirror" | "monaco"} Kind */
/** @typedef {import("./yjs.js").Participant} Participant */

const SOURCES = fileURLToPath(new URL("editors", import.meta.url));
const KINDS = /** @type {Kind[]} */ (["codemirror", "monaco"]);
const PATIENCE_MS = 15_000;
/** Undoing takes back a word or what was typed within half a second: so many steps are more than enough. */
const MAX_UNDOS = 20;

/** The provider's own words. */
const REFUSAL = /^Permission denied to access /;

/** @type {Record<string, string>} */
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".ttf": "font/ttf" };

/** Another site on this machine, which serves the pages and knows nothing of the server. */
export class Site {
  /** @type {Map<string, Buffer>} */
  #files = new Map();

  /** Listens at once, as the server must be told the address; the pages come with `build`. */
  static async listen() {
    const site = new Site();
    await new Promise((resolve) => site.#server.listen(0, "127.0.0.1", () => resolve(undefined)));
    return site;
  }

  /** Bundles the pages. The folder that takes is gone again afterwards. */
  async build() {
    const folder = await mkdtemp(join(tmpdir(), "codementor-editors-"));
    try {
      await bundle(folder);
      for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile()) continue;
        const path = join(entry.parentPath, entry.name);
        this.#files.set(path.slice(folder.length), await readFile(path));
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /**
   * Serves what another site serves.
   * @param {Site} other
   */
  pages(other) {
    this.#files = other.#files;
  }

  get url() {
    const { port } = /** @type {import("node:net").AddressInfo} */ (this.#server.address());
    return `http://127.0.0.1:${String(port)}`;
  }

  close() {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #server = createServer({ requestTimeout: PATIENCE_MS }, ({ url = "" }, response) => {
    const file = this.#files.get(url);
    response.writeHead(file ? 200 : 404, { "content-type": TYPES[extname(url)] ?? "text/plain" });
    response.end(file);
  });
}

/** @param {string} outDir */
function bundle(outDir) {
  return build({
    configFile: false,
    root: SOURCES,
    logLevel: "error",
    resolve: {
      dedupe: ["yjs", "y-protocols", "lib0", "@codemirror/state", "@codemirror/view"],
      // The binding names a file that Monaco moved in its 0.56: the same module by its new name.
      alias: { "monaco-editor/esm/vs/editor/editor.api.js": "monaco-editor/editor" },
    },
    build: {
      outDir,
      emptyOutDir: false,
      minify: false,
      modulePreload: false,
      reportCompressedSize: false,
      chunkSizeWarningLimit: Infinity,
      rolldownOptions: { input: KINDS.map((kind) => join(SOURCES, `${kind}.html`)) },
    },
  });
}

/** Somebody at a stock editor, in a browser profile of their own: tabs of one profile would hear each other without the server. */
export class Writer {
  /** What the provider said of edits that the server did not take. @type {string[]} */
  refusals = [];
  /** Set by a test that brings refusals about on purpose. */
  expectsRefusals = false;

  /**
   * @param {import("playwright-core").Page} page
   * @param {Watch} watch
   */
  constructor(page, watch) {
    this.page = page;
    this.watch = watch;
    page.on("console", (message) => {
      if (REFUSAL.test(message.text())) this.refusals.push(message.text());
    });
  }

  /**
   * @param {import("playwright-core").Browser} browser
   * @param {Site} site
   * @param {Kind} kind
   * @param {{ server: string, session: string, token: string }} place
   */
  static async open(browser, site, kind, place) {
    const context = await browser.newContext({ viewport: { width: 900, height: 600 } });
    context.setDefaultTimeout(PATIENCE_MS);
    const watch = new Watch(site.url);
    // The one address elsewhere that these pages are for.
    watch.expect(new RegExp(`^${place.server}/`));
    await watch.follow(context);
    const writer = new Writer(await context.newPage(), watch);
    await writer.page.goto(`${site.url}/${kind}.html#${new URLSearchParams(place).toString()}`);
    return writer;
  }

  async synced() {
    await this.page.waitForFunction(() => /** @type {any} */ (globalThis).stock?.provider.synced);
    return this;
  }

  /** What the editor holds, which is what its document holds as soon as a key was worked in. */
  async content() {
    const { content, text } = await this.page.evaluate(() => {
      const { stock } = /** @type {any} */ (globalThis);
      return { content: String(stock.content()), text: String(stock.text) };
    });
    assert.equal(content, text, "the editor and its document hold the same");
    return content;
  }

  /** The codes of all closes so far. */
  closes() {
    return this.page.evaluate(() => /** @type {number[]} */ (/** @type {any} */ (globalThis).stock.closes));
  }

  /** Whether the socket is open. */
  connected() {
    return this.page.evaluate(() => Boolean(/** @type {any} */ (globalThis).stock.provider.wsconnected));
  }

  /** The number by which others know this document. */
  client() {
    return this.page.evaluate(() => Number(/** @type {any} */ (globalThis).stock.text.doc.clientID));
  }

  /**
   * Who a client is and where, as this page heard it.
   * @param {number} client
   * @returns {Promise<any>}
   */
  seen(client) {
    return this.page.evaluate(
      (id) => /** @type {any} */ (globalThis).stock.provider.awareness.getStates().get(id) ?? null,
      client,
    );
  }

  /** @param {"Control+Home" | "Control+End"} at */
  async goTo(at) {
    await this.page.locator("#editor").click();
    await this.page.keyboard.press(at);
  }

  /**
   * Types with real keys.
   * @param {string} text
   */
  async type(text) {
    await this.page.keyboard.type(text);
  }

  /**
   * Presses keys, one after the other.
   * @param {...string} keys
   */
  async press(...keys) {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  /**
   * What an input method or a paste of characters does that have no key.
   * @param {string} text
   */
  async insert(text) {
    await this.page.keyboard.insertText(text);
  }

  /**
   * Undoes until a word is gone.
   * @param {string} word
   */
  async undo(word) {
    for (let n = 0; (await this.content()).includes(word); n += 1) {
      assert.ok(n < MAX_UNDOS, `undoing takes ${word} back`);
      await this.press("Control+z");
    }
  }

  /**
   * Does again all that was undone, and with it a word.
   * @param {string} word
   */
  async redo(word) {
    for (let n = 0; !(await this.content()).includes(word); n += 1) {
      assert.ok(n < MAX_UNDOS, `${word} comes back`);
      await this.press("Control+y");
    }
  }

  /** @param {string} word */
  async shows(word) {
    await until(async () => (await this.content()).includes(word), `the editor shows ${word}`);
  }

  /** Closes the browser's window; nothing may have gone wrong in it, and no edit refused. */
  async leave() {
    await this.close();
    this.watch.assertClean();
    if (!this.expectsRefusals) assert.deepEqual(this.refusals, []);
  }

  close() {
    return this.page.context().close();
  }
}

/**
 * Waits until all have the same text, and answers it.
 * @param {Writer[]} writers
 * @param {Participant[]} participants
 * @param {string[]} [words] that must be in it
 */
export async function together(writers, participants, words = []) {
  /** @type {string[]} */
  let texts = [];
  const same = async () => {
    texts = await Promise.all(writers.map((writer) => writer.content()));
    texts.push(...participants.map(({ text }) => text.toString()));
    return texts.every((text) => text === texts[0] && words.every((word) => text.includes(word)));
  };
  await until(same, "all editors hold the same text").catch((/** @type {Error} */ error) => {
    throw new Error(`${error.message}: ${JSON.stringify(texts)}`);
  });
  return texts[0] ?? "";
}
