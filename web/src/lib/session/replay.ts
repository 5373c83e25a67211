/** Where a recorded session is replayed. */

/** Whether there is a player to lead to. */
export const HAS_REPLAY = true;

export const replayPath = (session: string): string => `/sessions/${encodeURIComponent(session)}/replay`;
