/** Sees everything that must not happen on a page: foreign requests, console errors, thrown errors, refusals of the security policy. */
import assert from "node:assert/strict";

/** @typedef {"origin" | "console" | "error" | "policy"} Kind */
/** @typedef {{ kind: Kind, text: string }} Problem */

/** The browser itself writes this line whenever it asks who is signed in and nobody is; a page cannot keep it from doing so. */
const VISITOR = /^Failed to load resource: .* 401 .*\/api\/auth\/me$/;

const NETWORK = /^(https?|wss?):/;

export class Watch {
  /** @type {Problem[]} */
  problems = [];
  /** Every address that was asked for. @type {string[]} */
  requests = [];
  /** @type {RegExp[]} */
  #expected = [VISITOR];
  /** Where the person may go, besides. @type {Set<string>} */
  #visited = new Set();

  /** @param {string} own the origin that everything must come from */
  constructor(own) {
    this.own = new URL(own).host;
  }

  /** @param {import("playwright-core").BrowserContext} context */
  async follow(context) {
    await context.exposeBinding("reportPolicyViolation", (_source, text) => {
      this.#add("policy", String(text));
    });
    await context.addInitScript(() => {
      addEventListener(
        "securitypolicyviolation",
        ({ effectiveDirective, blockedURI, sourceFile, lineNumber }) => {
          const { reportPolicyViolation } = /** @type {any} */ (globalThis);
          reportPolicyViolation(`${effectiveDirective} refused ${blockedURI} (${sourceFile}:${lineNumber})`);
        },
      );
    });
    context.on("request", (request) => {
      const visit = request.isNavigationRequest() && this.#visited.has(new URL(request.url()).origin);
      if (visit) this.requests.push(request.url());
      else this.#request(request.url());
    });
    context.on("page", (page) => {
      page.on("websocket", (socket) => {
        this.#request(socket.url());
      });
      page.on("pageerror", (error) => {
        this.#add("error", error.stack ?? error.message);
      });
      page.on("console", (message) => {
        if (message.type() === "error") this.#add("console", `${message.text()} ${message.location().url}`);
      });
    });
  }

  /**
   * What a test brings about on purpose.
   * @param {...RegExp} patterns
   */
  expect(...patterns) {
    this.#expected.push(...patterns);
  }

  /**
   * Another site that this test leads the browser to, and back from. Whatever a page fetches from there is still a problem.
   * @param {string} origin
   */
  allowVisits(origin) {
    this.#visited.add(new URL(origin).origin);
  }

  /** Fails with everything that was seen and not expected. */
  assertClean() {
    const seen = this.problems.map(({ kind, text }) => `${kind}: ${text}`);
    assert.deepEqual(seen, [], "the page did what it must never do");
  }

  /** @param {string} url */
  #request(url) {
    this.requests.push(url);
    if (NETWORK.test(url) && new URL(url).host !== this.own) this.#add("origin", url);
  }

  /**
   * @param {Kind} kind
   * @param {string} text
   */
  #add(kind, text) {
    if (!this.#expected.some((pattern) => pattern.test(text))) this.problems.push({ kind, text });
  }
}
