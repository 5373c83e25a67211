/** Where a recorded session is replayed. */

/** Off until there is a player, so that no link leads nowhere. */
export const HAS_REPLAY = false;

export const replayPath = (session: string): string => `/sessions/${encodeURIComponent(session)}/replay`;
