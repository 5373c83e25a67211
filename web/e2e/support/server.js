/** The real server, started on a free port over a data folder of its own. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const BINARY =
  process.env.CODEMENTOR_BIN ?? fileURLToPath(new URL("../../../target/debug/codementor", import.meta.url));

/** Lines of the log that a failure shows. */
const LOG_TAIL = 30;

export class Server {
  /** @type {import("node:child_process").ChildProcess | null} */
  #process = null;
  /** @type {string[]} */
  #log = [];
  url = "";

  /**
   * @param {string} data
   * @param {Record<string, string>} settings
   */
  constructor(data, settings) {
    this.data = data;
    this.settings = settings;
  }

  /**
   * Starts on fresh data.
   * @param {Record<string, string>} [settings] by their names in the environment
   */
  static async start(settings = {}) {
    if (!existsSync(BINARY)) {
      throw new Error(
        `There is no server at ${BINARY}: cargo build -p codementor-server, or set CODEMENTOR_BIN`,
      );
    }
    const server = new Server(await mkdtemp(join(tmpdir(), "codementor-e2e-")), settings);
    await server.#launch("127.0.0.1:0");
    return server;
  }

  /** Starts anew on the same data and the same address. */
  async restart() {
    await this.kill();
    await this.#launch(new URL(this.url).host);
  }

  /** Ends it at once, with no chance to tidy up. */
  kill() {
    return this.#end("SIGKILL");
  }

  /** Ends it properly. */
  async terminate() {
    await this.#end("SIGTERM");
  }

  /** Ends it properly and takes its data away. */
  async stop() {
    await this.#end("SIGTERM");
    await rm(this.data, { recursive: true, force: true });
  }

  /** @param {string} listen */
  async #launch(listen) {
    // Settings of the surroundings must not leak in.
    const env = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !name.startsWith("CODEMENTOR")),
    );
    const child = spawn(BINARY, ["serve", "--listen", listen, "--data", this.data], {
      cwd: this.data,
      env: { ...env, ...this.settings },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#process = child;
    createInterface({ input: child.stderr }).on("line", (line) => {
      this.#log = [...this.#log, line].slice(-LOG_TAIL);
    });
    this.url = await this.#address(child);
  }

  /**
   * @param {import("node:child_process").ChildProcessByStdio<null, import("node:stream").Readable, import("node:stream").Readable>} child
   * @returns {Promise<string>}
   */
  #address(child) {
    return new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", (code, signal) => {
        reject(new Error(`The server ended at its start (${code ?? signal}):\n${this.#log.join("\n")}`));
      });
      createInterface({ input: child.stdout }).on("line", (line) => {
        const address = /^listening on (http:\/\/\S+)$/.exec(line)?.[1];
        if (address) resolve(address);
      });
    });
  }

  /** @param {"SIGKILL" | "SIGTERM"} signal */
  async #end(signal) {
    const child = this.#process;
    this.#process = null;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    await ended;
  }
}
