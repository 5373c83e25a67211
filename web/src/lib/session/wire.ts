/** What live sessions say over their socket, by type, and the bodies of their REST. All of it from the API's description. */
import type { components } from "$lib/api/schema";

type Schemas = components["schemas"];

/** The most characters of a chat message. */
export const MAX_MESSAGE_CHARS = 4_000;

export type ChangeSession = Schemas["ChangeSession"];
export type CreateInvitation = Schemas["CreateInvitation"];
export type CreateSession = Schemas["CreateSession"];
export type Earned = Schemas["Earned"];
export type Invitation = Schemas["Invitation"];
export type Invitations = Schemas["Invitations"];
export type NewMessage = Schemas["NewMessage"];
export type Policy = Schemas["Policy"];
export type RoleChanged = Schemas["RoleChanged"];
export type RunKind = Schemas["RunKind"];
export type RunStarted = Schemas["RunStarted"];
export type Session = Schemas["Session"];
export type SessionParticipant = Schemas["SessionParticipant"];
export type SessionRole = Schemas["SessionRole"];
export type SessionState = Schemas["SessionState"];
export type TextRoom = Schemas["TextRoom"];
export type TutorResponse = Schemas["TutorResponse"];
export type SessionSummary = Schemas["SessionSummary"];

export type RunProgress = Schemas["RunProgress"];
export type RunResult = Schemas["SessionRunResult"];

/** What the server says, by type. */
export interface ServerEvents {
  "session-state": SessionState;
  "user-joined": SessionParticipant;
  "user-left": SessionParticipant;
  "role-changed": RoleChanged;
  "session-updated": { session: Session };
  "new-message": NewMessage;
  "ai-tutor-response": TutorResponse;
  "run-started": RunStarted;
  "run-progress": RunProgress;
  "run-result": RunResult;
  "session-ended": { user_id: string };
  storage: { state: string };
  "text-limit": { state: TextRoom };
  error: { code?: string; message?: string };
}

/** What a client with a CRDT says, by type. */
export interface ClientEvents {
  "join-session": { code_updates: boolean };
  "session-message": { message: string };
  "ai-tutor-message": { message: string };
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
  tooSlow: 4408,
  stateTooLarge: 4413,
  rateLimit: 4429,
} as const;
