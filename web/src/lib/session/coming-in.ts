/**
 * The secret of an invitation, from the link to the session.
 *
 * It comes in the fragment of the address, which no browser sends anywhere. From there it goes into the tab's storage at once: signing
 * in would otherwise put it into addresses that servers see and write down, and it would stay in the history.
 */
import { sessions } from "$lib/api/endpoints";
import { ApiError } from "$lib/api/error";
import { signInPath } from "$lib/state/paths";
import type { Session } from "./wire";

const key = (session: string) => `codementor.invite:${encodeURIComponent(session)}`;

/** `#invite=SECRET` */
export function secretIn(hash: string): string | null {
  return new URLSearchParams(hash.replace(/^#/, "")).get("invite");
}

/** Keeps the secret of the address; answers whether the address may forget it. */
export function keepSecret(storage: Storage | null, session: string, hash: string): boolean {
  const secret = secretIn(hash);
  if (secret === null || !storage) return false;
  try {
    storage.setItem(key(session), secret);
    return true;
  } catch {
    return false;
  }
}

export function keptSecret(storage: Storage | null, session: string): string | null {
  try {
    return storage?.getItem(key(session)) ?? null;
  } catch {
    return null;
  }
}

export function forgetSecret(storage: Storage | null, session: string): void {
  try {
    storage?.removeItem(key(session));
  } catch {
    // It was never kept, then.
  }
}

/** Where somebody who is not signed in goes first: back to this very link, with its fragment where that could not be kept. */
export function signInFirst(storage: Storage | null, session: string, hash: string): string {
  const path = `/sessions/${encodeURIComponent(session)}`;
  return signInPath(keptSecret(storage, session) === null ? path + hash : path);
}

/** Into the session, for whoever takes part already and for whoever has a way in. */
export async function comeIn(session: string, secret: string | null, signal: AbortSignal): Promise<Session> {
  try {
    return await sessions.join(session, secret, signal);
  } catch (thrown) {
    // An ended session cannot be joined, and a way in may be closed by now; those who took part still see it.
    if (!(thrown instanceof ApiError) || ![403, 404, 409, 410].includes(thrown.status)) throw thrown;
    if (thrown.code === "session_full") throw thrown;
    return sessions.one(session, signal);
  }
}
