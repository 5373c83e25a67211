/** What the server tells of a recording. Written by hand after crates/protocol/src/replay.rs until the description has it. */
import type { Session, SessionParticipant } from "$lib/session/wire";

/** A part of a recording: what is needed to show it from `keyframe` on. */
export interface Replay {
  header: ReplayHeader;
  /** The text before the first of `items`. */
  keyframe: { seq: number; code: string };
  items: ReplayEntry[];
  next_cursor: string | null;
}

export interface ReplayHeader {
  session: Session;
  /** Those who did something in it. */
  people: SessionParticipant[];
  /** Brought in as a file: nobody here has seen it happen. */
  imported: boolean;
  /** When the first entry was made, RFC 3339. */
  started_at: string;
  duration_ms: number;
  /** The first is 1. */
  last_seq: number;
}

/** An edit with `splices`, or an event. */
export interface ReplayEntry {
  seq: number;
  /** Milliseconds since the beginning. */
  at_ms: number;
  /** Nobody: the session itself. */
  user_id: string | null;
  /** In order, each in the coordinates that the one before left. */
  splices?: Splice[];
  /** As it was sent then. In an imported recording: whatever the file says. */
  event?: unknown;
}

/** In UTF-16 code units. */
export interface Splice {
  at: number;
  delete: number;
  insert: string;
}

export interface ReplayStatistics {
  authors: AuthorStatistics[];
  paste_count: number;
  /** The first thousand. */
  pastes: Paste[];
  longest_idle: { seq: number; from_ms: number; length_ms: number } | null;
}

export interface AuthorStatistics {
  user_id: string | null;
  edits: number;
  inserted: number;
  deleted: number;
  /** What they wrote that stands in the last text. */
  surviving: number;
  active_ms: number;
  /** 0 to 1. */
  inserted_share: number;
  /** 0 to 1. */
  active_share: number;
}

export interface Paste {
  seq: number;
  at_ms: number;
  user_id: string;
  length: number;
}
