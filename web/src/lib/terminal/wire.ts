/** What travels over a terminal's socket beside the bytes. */
import type { components } from "$lib/api/schema";
import type { Verdict } from "$lib/api/types";

type Schemas = components["schemas"];

export type TerminalEnded = Schemas["TerminalEnded"];
export type TerminalSize = Schemas["TerminalSize"];
export type TerminalStart = Schemas["TerminalStart"];

/** What the server says of a program. */
export type TerminalNews =
  | { kind: "building" }
  | { kind: "started" }
  | { kind: "input-lost" }
  | { kind: "ended"; end: TerminalEnded }
  | { kind: "error"; code: string; message: string };

/** A news, or nothing for a frame that is none: a newer server may say more than this page knows. */
export function parseNews(frame: string): TerminalNews | null {
  let event: unknown;
  try {
    event = JSON.parse(frame);
  } catch {
    return null;
  }
  if (typeof event !== "object" || event === null) return null;
  const { type, data } = event as { type?: unknown; data?: unknown };
  switch (type) {
    case "building":
    case "started":
    case "input-lost":
      return { kind: type };
    case "ended":
      return { kind: "ended", end: data as TerminalEnded };
    case "error": {
      const { code, message } = (data ?? {}) as { code?: unknown; message?: unknown };
      return { kind: "error", code: String(code), message: String(message) };
    }
    default:
      return null;
  }
}

const CAUSES: Record<TerminalEnded["cause"], string> = {
  not_compiled: "It does not compile",
  exited: "Ended",
  stopped: "Stopped",
  idle: "Stopped: left alone for too long",
  wall_limit: "Stopped: it ran for too long",
  cpu_limit: "Stopped: too much computing",
  memory_limit: "Stopped: too much memory",
  output_limit: "Stopped: too much output",
};

/** How a program ended, in a few words. */
export function endWord(end: TerminalEnded): string {
  if (end.cause !== "exited") return CAUSES[end.cause];
  return isWell(end.verdict) ? "Ended well" : "Ended with an error";
}

/** The rest of it: why, with which code. */
export function endDetail(end: TerminalEnded): string {
  if (end.message !== null) return end.message;
  return end.cause === "exited" && end.exit_code !== null ? `exit code ${end.exit_code}` : "";
}

export const isWell = (verdict: Verdict): boolean => verdict === "accepted";
