/** Where a recorded session is replayed. */
export const replayPath = (session: string): string => `/sessions/${encodeURIComponent(session)}/replay`;
