/** A server and a browser for one test file, and tests that each get a fresh, watched page. */
import { after, before, test } from "node:test";
import { launchBrowser } from "./browser.js";
import { Server } from "./server.js";
import { Watch } from "./watch.js";

/** How long Playwright waits for something to appear. The machine may be busy with other work. */
const PATIENCE_MS = 15_000;
/** No test takes longer. */
const LIMIT_MS = 120_000;

/** @typedef {import("playwright-core").BrowserContextOptions} ContextOptions */
/** @typedef {{ page: import("playwright-core").Page, watch: Watch }} Scene */

export const DESKTOP = { width: 1440, height: 900 };
export const PHONE = { width: 390, height: 844 };

export class Stage {
  /** @type {Server} */
  server = /** @type {any} */ (null);
  /** @type {import("playwright-core").Browser} */
  #browser = /** @type {any} */ (null);
  /** @type {import("playwright-core").Browser | undefined} */
  #another;

  /** @param {Record<string, string>} [settings] of the server, by their names in the environment */
  constructor(settings) {
    before(async () => {
      this.server = await Server.start(settings);
      this.#browser = await launchBrowser();
    });
    after(async () => {
      await this.#another?.close();
      await this.#browser?.close();
      await this.server?.stop();
    });
  }

  /**
   * A test with a page of its own: another person, on another machine.
   * @param {string} name
   * @param {(scene: Scene) => Promise<void>} play
   * @param {ContextOptions} [options]
   */
  test(name, play, options) {
    return test(name, { timeout: LIMIT_MS }, () => this.scene(play, options));
  }

  /**
   * @param {(scene: Scene) => Promise<void>} play
   * @param {ContextOptions} [options]
   */
  async scene(play, options) {
    await this.#play(this.#browser, play, options);
  }

  /**
   * The same in another browser, which shares no process with the first.
   * @param {(scene: Scene) => Promise<void>} play
   * @param {ContextOptions} [options]
   */
  async elsewhere(play, options) {
    this.#another ??= await launchBrowser();
    await this.#play(this.#another, play, options);
  }

  /**
   * @param {import("playwright-core").Browser} browser
   * @param {(scene: Scene) => Promise<void>} play
   * @param {ContextOptions} [options]
   */
  async #play(browser, play, options) {
    const context = await browser.newContext({
      baseURL: this.server.url,
      viewport: DESKTOP,
      colorScheme: "light",
      locale: "en-GB",
      timezoneId: "UTC",
      ...options,
    });
    context.setDefaultTimeout(PATIENCE_MS);
    const watch = new Watch(this.server.url);
    await watch.follow(context);
    try {
      await play({ page: await context.newPage(), watch });
      watch.assertClean();
    } finally {
      await context.close();
    }
  }
}
