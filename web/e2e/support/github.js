/**
 * A stand-in of GitHub's sign-in: a real server on loopback, with the page that asks people for their consent.
 *
 * It checks what GitHub checks: client, secret, way back, PKCE, codes that work once, `Accept` and `User-Agent`.
 */
import { createHash, randomBytes } from "node:crypto";
import { createServer } from "node:http";

/** @typedef {import("node:http").IncomingMessage} Request */
/** @typedef {{ id: number, login: string }} Person */
/** @typedef {{ back: string, challenge: string, person: Person }} Grant */
/** @typedef {{ status?: number, type: string, body: string, headers?: Record<string, string> }} Answer */
/** @typedef {"token" | "user"} Asked what the school's server asks for */

const CLIENT_ID = "Iv1.codementor-browser-tests";
const CLIENT_SECRET = "a-secret-of-the-stand-in";

/** What something that only looks like GitHub says. @type {Record<Asked, Answer>} */
const NONSENSE = {
  token: json({ answer: 42 }),
  user: html("Welcome", "<p>Please accept the terms of this hotel's network.</p>"),
};

export class GithubStandIn {
  /** Who sits at the browser. @type {Person} */
  person = { id: 583231, login: "octocat" };
  /** Which questions are answered with nonsense. @type {Set<Asked>} */
  nonsense = new Set();
  /** What nobody should ever have asked. @type {string[]} */
  faults = [];
  /** @type {Map<string, Grant>} */
  #codes = new Map();
  /** @type {Map<string, Person>} */
  #tokens = new Map();
  #server = createServer((request, response) => {
    void this.#answer(request).then(({ status = 200, type, body, headers }) => {
      response.writeHead(status, { "Content-Type": type, ...headers }).end(body);
    });
  });

  static async start() {
    const github = new GithubStandIn();
    await new Promise((resolve) => github.#server.listen(0, "127.0.0.1", () => resolve(undefined)));
    return github;
  }

  stop() {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  get url() {
    const { port } = /** @type {import("node:net").AddressInfo} */ (this.#server.address());
    return `http://127.0.0.1:${port}`;
  }

  /** How a server of the school finds it. */
  get settings() {
    return {
      CODEMENTOR_GITHUB_BASE_URL: this.url,
      CODEMENTOR_GITHUB_CLIENT_ID: CLIENT_ID,
      CODEMENTOR_GITHUB_CLIENT_SECRET: CLIENT_SECRET,
    };
  }

  /**
   * @param {Request} request
   * @returns {Promise<Answer>}
   */
  async #answer(request) {
    const { pathname, searchParams } = new URL(request.url ?? "/", this.url);
    switch (`${request.method} ${pathname}`) {
      case "GET /login/oauth/authorize":
        return this.#authorize(searchParams);
      case "POST /login/oauth/access_token":
        return this.#token(request, new URLSearchParams(await text(request)));
      case "GET /api/v3/user":
        return this.#user(request);
      case "GET /favicon.ico":
        return { status: 204, type: "image/x-icon", body: "" };
      default:
        return this.#refuse(404, `nobody should ask for ${request.method} ${pathname}`);
    }
  }

  /** @param {URLSearchParams} asked */
  #authorize(asked) {
    const { client_id, redirect_uri, state, code_challenge, code_challenge_method } =
      Object.fromEntries(asked);
    if (client_id !== CLIENT_ID) return this.#refuse(404, "an unknown client");
    if (!state) return this.#refuse(400, "no state");
    if (code_challenge?.length !== 43 || code_challenge_method !== "S256") {
      return this.#refuse(400, "no PKCE with S256");
    }
    const code = random();
    this.#codes.set(code, { back: redirect_uri, challenge: code_challenge, person: this.person });
    const consent = way(redirect_uri, { code, state });
    const cancel = way(redirect_uri, {
      error: "access_denied",
      error_description: "The user has denied your application access.",
      state,
    });
    return html(
      "Authorize CodeMentor",
      `<a href="${consent}">Authorize as ${this.person.login}</a> <a href="${cancel}">Cancel</a>`,
    );
  }

  /**
   * As GitHub: refusals have the status 200, too.
   * @param {Request} request
   * @param {URLSearchParams} asked
   */
  #token(request, asked) {
    if (this.nonsense.has("token")) return NONSENSE.token;
    const { client_id, client_secret, code, redirect_uri, code_verifier } = Object.fromEntries(asked);
    const grant = this.#codes.get(code);
    this.#codes.delete(code);
    const digest = createHash("sha256")
      .update(code_verifier ?? "")
      .digest("base64url");
    if (!request.headers.accept?.includes("application/json")) this.faults.push("JSON is not asked for");
    if (client_id !== CLIENT_ID || client_secret !== CLIENT_SECRET) {
      return this.#refuse(200, "incorrect_client_credentials");
    }
    if (!grant || digest !== grant.challenge) return this.#refuse(200, "bad_verification_code");
    if (redirect_uri !== grant.back) return this.#refuse(200, "redirect_uri_mismatch");
    const token = `gho_${random()}`;
    this.#tokens.set(token, grant.person);
    return json({ access_token: token, scope: "read:user", token_type: "bearer" });
  }

  /** @param {Request} request */
  #user({ headers }) {
    if (this.nonsense.has("user")) return NONSENSE.user;
    const person = this.#tokens.get(headers.authorization?.replace(/^Bearer /, "") ?? "");
    if (!headers["user-agent"]) return this.#refuse(403, "no User-Agent");
    if (!person) return this.#refuse(401, "bad credentials");
    return json({ ...person, type: "User", name: "Monalisa Octocat", email: null });
  }

  /**
   * @param {number} status
   * @param {string} error
   * @returns {Answer}
   */
  #refuse(status, error) {
    this.faults.push(error);
    return { ...json({ error, error_description: "The stand-in refuses this." }), status };
  }
}

/**
 * @param {unknown} value
 * @returns {Answer}
 */
function json(value) {
  return { type: "application/json; charset=utf-8", body: JSON.stringify(value) };
}

/**
 * @param {string} title
 * @param {string} content
 * @returns {Answer}
 */
function html(title, content) {
  const body = `<!doctype html><html lang="en"><title>${title}</title><h1>${title}</h1>${content}</html>`;
  return { type: "text/html; charset=utf-8", body };
}

/**
 * The way back with an answer, ready to stand in an attribute.
 * @param {string} back
 * @param {Record<string, string>} answer
 */
function way(back, answer) {
  const url = new URL(back);
  for (const [name, value] of Object.entries(answer)) url.searchParams.set(name, value);
  return url.href.replaceAll("&", "&amp;");
}

function random() {
  return randomBytes(18).toString("base64url");
}

/** @param {Request} request */
async function text(request) {
  let whole = "";
  for await (const part of request.setEncoding("utf8")) whole += part;
  return whole;
}
