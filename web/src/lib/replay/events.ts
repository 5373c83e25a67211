/** The record's events in words. What a file says may be anything, so everything is looked at before it is believed. */
import type { TestReport, Verdict } from "$lib/api/types";
import { verdictWord } from "$lib/format/words";
import { roleWord } from "$lib/session/rights";
import type { RunResult, SessionRole } from "$lib/session/wire";
import type { RecordedEvent, Recording } from "./model";

export type Happening = {
  /** The moment after it. */
  moment: number;
  /** Milliseconds since the beginning. */
  at: number;
  /** Who, by id. */
  user: string | null;
} & (
  | { kind: "chat"; message: string }
  /** `result` is what came out; nothing when no result was recorded. */
  | { kind: "run" | "submit"; result: RunResult | null }
  /** `name` as it was said then: an imported recording knows no id of theirs. */
  | { kind: "role"; person: string; name: string; role: SessionRole }
  | { kind: "paste"; length: number }
  | { kind: "restored"; seq: number }
  | { kind: "joined" | "left" | "changed" | "ended" }
);

export type HappeningKind = Happening["kind"];

type Fields = Record<string, unknown>;

const ROLES: readonly string[] = ["driver", "navigator", "mentor", "viewer"];
const PASTE_UNITS = 80;
const PASTE_BREAKS = 3;
/** Longer chat messages than any server lets through are cut. */
const MAX_MESSAGE = 8_000;
const MAX_TESTS = 1_000;

/** Everything that is worth a mark, in order. A run stands once: where its result came, or where it began when none did. */
export function happenings(recording: Recording): Happening[] {
  const ended = new Set<unknown>();
  for (const { event } of recording.events) {
    const { type, data } = read(event);
    if (type === "run-result") ended.add(data.run_id);
  }
  const found = recording.events.flatMap((recorded) => happening(recorded, ended) ?? []);
  return [...found, ...pastes(recording)].sort((a, b) => a.moment - b.moment);
}

/** The last one that has happened at a moment. */
export function lastUpTo(happenings: readonly Happening[], moment: number): Happening | null {
  let low = 0;
  let high = happenings.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((happenings[middle]?.moment ?? 0) <= moment) low = middle + 1;
    else high = middle;
  }
  return happenings[low - 1] ?? null;
}

function happening({ moment, at, user, event }: RecordedEvent, ended: Set<unknown>): Happening | null {
  const { type, data } = read(event);
  const base = { moment, at, user };
  switch (type) {
    case "new-message":
      return { ...base, kind: "chat", message: text(data.message).slice(0, MAX_MESSAGE) };
    case "ai-tutor-response": {
      const asked = `Asks the tutor: ${text(data.question)}\n\n${text(data.message)}`;
      return { ...base, kind: "chat", message: asked.slice(0, MAX_MESSAGE) };
    }
    case "run-started":
      if (ended.has(data.run_id)) return null;
      return { ...base, kind: data.kind === "submit" ? "submit" : "run", result: null };
    case "run-result":
      return { ...base, kind: data.kind === "submit" ? "submit" : "run", result: runResult(data) };
    case "role-changed":
      if (typeof data.role !== "string" || !ROLES.includes(data.role)) return null;
      return {
        ...base,
        kind: "role",
        person: text(data.user_id),
        name: text(data.username),
        role: data.role as SessionRole,
      };
    case "user-joined":
      return { ...base, kind: "joined" };
    case "user-left":
      return { ...base, kind: "left" };
    case "session-updated":
      return { ...base, kind: "changed" };
    case "session-restored":
      return { ...base, kind: "restored", seq: whole(data.seq) };
    case "session-ended":
      return { ...base, kind: "ended" };
    default:
      return null;
  }
}

/** Much text at once, by the same measure as the server's: 80 units or three line breaks. */
function pastes(recording: Recording): Happening[] {
  const found: Happening[] = [];
  for (let moment = 1; moment <= recording.count; moment += 1) {
    const user = recording.people[recording.whoAt(moment)] ?? null;
    if (user === null || recording.weightOf(moment) < PASTE_BREAKS) continue;
    const inserted = recording.splicesAt(moment).map(({ insert }) => insert);
    const length = inserted.reduce((sum, insert) => sum + insert.length, 0);
    const breaks = inserted.reduce((sum, insert) => sum + insert.split("\n").length - 1, 0);
    if (length < PASTE_UNITS && breaks < PASTE_BREAKS) continue;
    found.push({ moment, at: recording.timeOf(moment), user, kind: "paste", length });
  }
  return found;
}

/** What happened, without who. */
export function deed(happening: Happening, nameOf: (user: string | null) => string): string {
  switch (happening.kind) {
    case "chat":
      return "says";
    case "run":
      return happening.result ? `runs: ${outcome(happening.result)}` : "runs; no result was recorded";
    case "submit":
      return happening.result ? `hands in: ${outcome(happening.result)}` : "hands in; no result was recorded";
    case "role": {
      const { user, person, name, role } = happening;
      const whom = name === "" ? nameOf(person) : name;
      const word = roleWord(role).toLowerCase();
      return person === user || whom === nameOf(user) ? `is now ${word}` : `makes ${whom} ${word}`;
    }
    case "paste":
      return `puts in ${happening.length} characters at once`;
    case "restored":
      return "brings an earlier text back";
    case "joined":
      return "comes";
    case "left":
      return "leaves";
    case "changed":
      return "changes the session";
    case "ended":
      return "ends the session";
  }
}

/** A whole sentence, for a marker and for a screen reader. */
export function sentence(happening: Happening, nameOf: (user: string | null) => string): string {
  const said = happening.kind === "chat" ? `: ${happening.message.slice(0, 120)}` : "";
  return `${nameOf(happening.user)} ${deed(happening, nameOf)}${said}`;
}

export const isRun = (happening: Happening): happening is Happening & { kind: "run" | "submit" } =>
  happening.kind === "run" || happening.kind === "submit";

const outcome = ({ verdict, score }: RunResult): string =>
  verdict === "accepted" || score === null
    ? verdictWord(verdict)
    : `${verdictWord(verdict)}, ${score} % of the tests`;

function read(event: unknown): { type: string; data: Fields } {
  const { type, data } = fields(event);
  return { type: text(type), data: fields(data) };
}

function runResult(data: Fields): RunResult {
  return {
    run_id: text(data.run_id),
    kind: data.kind === "submit" ? "submit" : "run",
    user_id: text(data.user_id),
    username: text(data.username),
    success: data.success === true,
    verdict: verdict(data.verdict),
    score: typeof data.score === "number" ? whole(data.score) : null,
    tests: testReports(data.tests),
    output: text(data.output),
    error: text(data.error),
    time_ms: whole(data.time_ms),
    memory_kb: whole(data.memory_kb),
    xp: [],
    at: text(data.at),
  };
}

function testReport(data: unknown): TestReport | null {
  const test = fields(data);
  if (typeof test.name !== "string") return null;
  return {
    name: test.name,
    hidden: test.hidden === true,
    verdict: verdict(test.verdict),
    time_ms: whole(test.time_ms),
    memory_kb: whole(test.memory_kb),
    input: some(test.input),
    expected: some(test.expected),
    actual: some(test.actual),
    message: some(test.message),
    stderr: some(test.stderr),
    stdout: some(test.stdout),
  };
}

/** Each name once: a list of them has them as keys. */
function testReports(data: unknown): TestReport[] {
  const tests = Array.isArray(data) ? data.slice(0, MAX_TESTS).flatMap((test) => testReport(test) ?? []) : [];
  return Array.from(new Map(tests.map((test) => [test.name, test])).values());
}

const verdict = (word: unknown): Verdict =>
  typeof word === "string" && Object.hasOwn(VERDICTS, word) ? (word as Verdict) : "internal_error";

const VERDICTS: Record<Verdict, true> = {
  accepted: true,
  wrong_answer: true,
  time_limit_exceeded: true,
  memory_limit_exceeded: true,
  output_limit_exceeded: true,
  runtime_error: true,
  compile_error: true,
  internal_error: true,
};

const fields = (value: unknown): Fields =>
  typeof value === "object" && value !== null ? (value as Fields) : {};
const text = (value: unknown): string => (typeof value === "string" ? value : "");
const some = (value: unknown): string | null => (typeof value === "string" ? value : null);
const whole = (value: unknown): number =>
  typeof value === "number" && Number.isFinite(value) ? Math.max(0, Math.round(value)) : 0;
