/** What people show of themselves while they are here, gathered from all their tabs. */
import type { Awareness } from "y-protocols/awareness";
import { isColour } from "$lib/editor/colours";

export interface Presence {
  hand: boolean;
  typing: boolean;
  following: string | null;
  /** Their colour in this session, as the server says it: `#rrggbb`. */
  color: string | null;
}

export const NOBODY: ReadonlyMap<string, Presence> = new Map();

/** Everything but `user` is what a browser says of itself. */
interface State {
  user?: { id?: unknown; color?: unknown };
  hand?: unknown;
  typing?: unknown;
  following?: unknown;
}

/** By user id; `me` is the person in front of this page, whose own state carries no id. */
export function presences(awareness: Awareness, me: string): ReadonlyMap<string, Presence> {
  const found = new Map<string, Presence>();
  for (const [client, state] of awareness.getStates() as Map<number, State>) {
    const user = client === awareness.clientID ? me : state.user?.id;
    if (typeof user !== "string") continue;
    const before = found.get(user);
    found.set(user, {
      hand: state.hand === true || (before?.hand ?? false),
      typing: state.typing === true || (before?.typing ?? false),
      color: isColour(state.user?.color) ? state.user.color : (before?.color ?? null),
      following: typeof state.following === "string" ? state.following : (before?.following ?? null),
    });
  }
  return found;
}

/** Where the caret of one of the others is, for following them: the client whose caret that is. */
export function clientOf(awareness: Awareness, user: string): number | null {
  // CodeMirror's binding tells it as `cursor`, Monaco's as `selection`.
  const states = awareness.getStates() as Map<number, State & { cursor?: unknown; selection?: unknown }>;
  for (const [client, state] of states) {
    const isSomewhere = Boolean(state.cursor ?? state.selection);
    if (client !== awareness.clientID && state.user?.id === user && isSomewhere) return client;
  }
  return null;
}

/** `Ada is typing…` */
export function typingWords(names: readonly string[]): string {
  if (names.length === 0) return "";
  if (names.length > 2) return "Several people are typing…";
  return `${names.join(" and ")} ${names.length === 1 ? "is" : "are"} typing…`;
}
