/**
 * What live sessions say, as `crates/protocol/src/session.rs` and `session_event.rs` define it.
 *
 * Written by hand until the description of the API has them; then each of these is one line of `api/types.ts`.
 */
import type { TestReport, Verdict } from "$lib/api/types";

/** The most characters of a chat message. */
export const MAX_MESSAGE_CHARS = 4_000;

export type Policy = "free" | "driver";
export type SessionRole = "driver" | "navigator" | "mentor" | "viewer";

export interface CreateSession {
  title?: string;
  challenge_id?: string;
  language?: string;
  code?: string;
  policy?: Policy;
  recording?: boolean;
}

export interface ChangeSession {
  title?: string;
  language?: string;
  policy?: Policy;
  recording?: boolean;
  timer_seconds?: number;
}

export interface SessionParticipant {
  user_id: string;
  username: string;
  role: SessionRole;
  color: string;
}

export interface Session {
  id: string;
  join_url: string;
  title: string;
  creator_id: string;
  challenge_id: string | null;
  language: string;
  policy: Policy;
  recording: boolean;
  timer_ends_at: string | null;
  role: SessionRole;
  participants: SessionParticipant[];
  created_at: string;
  ended_at: string | null;
}

export interface SessionSummary {
  id: string;
  title: string;
  creator_id: string;
  challenge_id: string | null;
  language: string;
  recording: boolean;
  present: number;
  created_at: string;
  ended_at: string | null;
}

export interface CreateInvitation {
  role?: SessionRole;
  expires_in_seconds?: number;
  plain?: boolean;
}

export interface Invitation {
  id: string;
  url: string | null;
  plain: boolean;
  role: SessionRole;
  created_at: string;
  expires_at: string | null;
}

export interface NewMessage {
  id: string;
  user_id: string;
  username: string;
  message: string;
  at: string;
}

export interface SessionState {
  session: Session;
  user_id: string;
  may_write: boolean;
  code: string;
  version: number;
  present: SessionParticipant[];
  messages: NewMessage[];
}

export interface RoleChanged {
  user_id: string;
  username: string;
  role: SessionRole;
  changed: SessionParticipant[];
  policy: Policy;
}

export type RunKind = "run" | "submit";

export interface RunStarted {
  run_id: string;
  kind: RunKind;
  user_id: string;
  username: string;
  at: string;
}

export interface RunProgress {
  run_id: string;
  test: TestReport;
  tests_done: number;
  total_tests: number;
}

export interface Earned {
  user_id: string;
  username: string;
  xp_awarded: number;
}

export interface RunResult {
  run_id: string;
  kind: RunKind;
  user_id: string;
  username: string;
  success: boolean;
  verdict: Verdict;
  score: number | null;
  tests: TestReport[];
  output: string;
  error: string;
  time_ms: number;
  memory_kb: number;
  xp: Earned[];
  at: string;
}

/** What the server says, by type. */
export interface ServerEvents {
  "session-state": SessionState;
  "user-joined": SessionParticipant;
  "user-left": SessionParticipant;
  "role-changed": RoleChanged;
  "session-updated": { session: Session };
  "new-message": NewMessage;
  "run-started": RunStarted;
  "run-progress": RunProgress;
  "run-result": RunResult;
  "session-ended": { user_id: string };
  storage: { state: string };
  error: { code?: string; message?: string };
}

/** What a client with a CRDT says, by type. */
export interface ClientEvents {
  "join-session": { code_updates: boolean };
  "session-message": { message: string };
  "role-change": { user_id: string; role: SessionRole };
  "run-code": { stdin?: string };
  "submit-code": Record<string, never>;
}

/** Close codes of the session's socket. */
export const CLOSE = {
  ended: 1000,
  messageTooBig: 1009,
  malformed: 4400,
  signedOut: 4401,
  refused: 4403,
  missing: 4404,
  stateTooLarge: 4413,
  rateLimit: 4429,
} as const;
