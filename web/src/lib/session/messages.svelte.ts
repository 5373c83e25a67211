/** The chat of a session: what was said, and how much of it nobody here has seen. */
import type { NewMessage, TutorResponse } from "./wire";

/** More than anybody scrolls back; older ones are dropped. */
export const MOST_MESSAGES = 500;

export class Messages {
  list = $state.raw<NewMessage[]>([]);
  unread = $state(0);
  #own = 1;

  /** What the session remembers, on coming and on coming back: it knows better than what was shown here. */
  recall(newest: readonly NewMessage[]): void {
    const first = newest[0]?.at ?? "";
    const isIn = (list: readonly NewMessage[], id: string) => list.some((message) => message.id === id);
    if (this.list.length > 0) this.unread += newest.filter(({ id }) => !isIn(this.list, id)).length;
    const older = this.list.filter(({ id, at }) => !isEcho(id) && !isIn(newest, id) && at < first);
    this.list = [...older, ...newest].slice(-MOST_MESSAGES);
  }

  heard(message: NewMessage): void {
    if (this.list.some(({ id }) => id === message.id)) return;
    this.list = [...this.list, message].slice(-MOST_MESSAGES);
    this.unread += 1;
  }

  /** One's own message, once the session has it. */
  said(message: Omit<NewMessage, "id">): void {
    this.list = [...this.list, { ...message, id: `own-${this.#own++}` }].slice(-MOST_MESSAGES);
  }

  seen(): void {
    this.unread = 0;
  }
}

/** A question to the tutor and its answer, as the session remembers them for who comes later. */
export function asMessages(response: TutorResponse): NewMessage[] {
  const { message_id: id, user_id, username, question, message, source, at } = response;
  const name = source === "offline" ? "Tutor (offline)" : "Tutor";
  return [
    { id: `${id}-question`, user_id, username, message: question, at },
    { id, user_id: "tutor", username: name, message, at },
  ];
}

const isEcho = (id: string) => id.startsWith("own-");

const PAUSE_MS = 5 * 60_000;

/** Whether a message goes on where the one before it ended, so that the name need not be said again. */
export function continues(message: NewMessage, before: NewMessage | undefined): boolean {
  if (before?.user_id !== message.user_id) return false;
  return Date.parse(message.at) - Date.parse(before.at) < PAUSE_MS;
}
