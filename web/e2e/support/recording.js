/** Files of sessions that never were: an hour of two people, written by real Yjs, to be brought in by a real server. */
import { createHash, randomUUID } from "node:crypto";
import { gzipSync } from "node:zlib";
import * as Y from "yjs";
import { randomFrom } from "../../src/lib/replay/random.js";

const START = Date.UTC(2026, 0, 5, 9);
const HOUR_MS = 3_600_000;
/** What they write, again and again. */
const FUNCTION = `def merge(left: list[int], right: list[int]) -> list[int]:
    merged, i, j = [], 0, 0
    while i < len(left) and j < len(right):
        if left[i] <= right[j]:
            print(f"takes {left[i]} from the left")
            merged.append(left[i])
            i += 1
        else:  # the right one is smaller
            merged.append(right[j])
            j += 1
    return merged + left[i:] + right[j:]


`;

/** Somebody who writes one function after another, each between two others; one letter of ten is wrong at first and taken back. */
class Typist {
  doc = new Y.Doc();
  text = this.doc.getText("code");
  id = randomUUID();
  #place = Y.createRelativePositionFromTypeIndex(this.text, 0);
  #ahead = "";
  #slipped = false;

  /** @param {string} name @param {number} client @param {() => number} random */
  constructor(name, client, random) {
    this.name = name;
    this.doc.clientID = client;
    this.random = random;
  }

  /** One change, as an update. */
  types() {
    /** @type {Uint8Array[]} */
    const updates = [];
    const hear = (/** @type {Uint8Array} */ update) => updates.push(update);
    this.doc.on("update", hear);
    this.doc.transact(() => {
      this.#change();
    });
    this.doc.off("update", hear);
    return updates;
  }

  #change() {
    const { text, random } = this;
    let at = Y.createAbsolutePositionFromRelativePosition(this.#place, this.doc)?.index ?? text.length;
    if (this.#ahead === "") {
      this.#ahead = FUNCTION;
      at = behindFunction(text.toString(), Math.floor(random() * (text.length + 1)));
    }
    if (this.#slipped) {
      at -= 1;
      text.delete(at, 1);
      this.#slipped = false;
    } else {
      this.#slipped = random() < 0.1;
      text.insert(at, this.#slipped ? "x" : this.#ahead.slice(0, 1));
      if (!this.#slipped) this.#ahead = this.#ahead.slice(1);
      at += 1;
    }
    this.#place = Y.createRelativePositionFromTypeIndex(text, at, -1);
  }
}

/** @param {string} text @param {number} at */
function behindFunction(text, at) {
  const end = text.indexOf("\n\n\n", at);
  return end < 0 ? text.length : end + 3;
}

/**
 * An hour with so many entries; every hundredth is a message or a run.
 * @param {number} count
 */
export function anHour(count) {
  const random = randomFrom(7);
  const people = [new Typist("Ada", 1001, random), new Typist("Ben", 1002, random)];
  const lines = [];
  for (let seq = 1; seq <= count; seq += 1) {
    const typist = /** @type {Typist} */ (people[random() < 0.5 ? 0 : 1]);
    const other = /** @type {Typist} */ (people[typist === people[0] ? 1 : 0]);
    const entry = { seq, at: START + Math.round((seq * HOUR_MS) / count), author: typist.id };
    if (seq % 100 === 0) {
      lines.push({ ...entry, event: JSON.stringify(event(seq, typist)) });
      continue;
    }
    for (const update of typist.types()) {
      Y.applyUpdate(other.doc, update);
      lines.push({ ...entry, edit: Buffer.from(update).toString("base64") });
    }
  }
  return file({ title: "An hour of two", people, lines });
}

/** @param {number} seq @param {Typist} typist */
function event(seq, { id, name }) {
  const at = new Date(START).toISOString();
  if (seq % 300 !== 0) {
    const message = `What about *line ${seq / 100}*: is \`i\` right there?`;
    return { type: "new-message", data: { user_id: id, username: name, message, at } };
  }
  const test = { hidden: false, time_ms: 12, memory_kb: 9_000, input: "1", expected: "2", actual: "3" };
  const tests = [1, 2, 3].map((n) => ({
    ...test,
    name: `case ${n}`,
    verdict: n < 3 ? "accepted" : "wrong_answer",
  }));
  const told = { run_id: `run-${seq}`, kind: "run", user_id: id, username: name, at, success: false };
  const result = {
    verdict: "wrong_answer",
    score: 66,
    tests,
    output: "",
    error: "",
    time_ms: 36,
    memory_kb: 9_000,
  };
  return { type: "run-result", data: { ...told, ...result } };
}

/** @param {{ title: string, people: Typist[], lines: object[] }} session */
function file({ title, people, lines }) {
  const session = {
    title,
    language: "python",
    challenge_id: null,
    created_at: START,
    people: people.map(({ id, name }, index) => ({
      user_id: id,
      username: name,
      role: index === 0 ? "driver" : "navigator",
    })),
  };
  const header = { format: "codementor-session", version: 1, session, entries: lines.length };
  const packed = gzipSync(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  const content = Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), packed]);
  const sha256 = createHash("sha256").update(content).digest("hex");
  return Buffer.concat([content, Buffer.from(`\n${JSON.stringify({ sha256 })}\n`)]);
}
