/** Who may do what in a session. The server has the last word; this decides what is offered. */
import type { Policy, Session, SessionParticipant, SessionRole } from "./wire";

type Known = Pick<Session, "policy" | "creator_id">;

export function mayWrite(policy: Policy, role: SessionRole): boolean {
  return policy === "free" ? role !== "viewer" : role === "driver";
}

/** Changes the session, invites, gives roles and sends people out. */
export function mayManage(session: Known, user: string, role: SessionRole): boolean {
  return session.creator_id === user || role === "mentor";
}

export function mayEnd(session: Known, user: string): boolean {
  return session.creator_id === user;
}

export type PersonAction = "drive" | "take" | "hand-over" | "navigate" | "mentor" | "watch" | "send-out";

/** What `me` may do to `person`, who may be `me`. */
export function personActions(
  session: Known,
  me: Pick<SessionParticipant, "user_id" | "role">,
  person: Pick<SessionParticipant, "user_id" | "role">,
): PersonAction[] {
  const manages = mayManage(session, me.user_id, me.role);
  const isMe = me.user_id === person.user_id;
  const actions: PersonAction[] = [];
  if (person.role !== "driver") {
    if (isMe && manages) actions.push("take");
    else if (!isMe && me.role === "driver") actions.push("hand-over");
    else if (!isMe && manages) actions.push("drive");
  }
  if (!manages) return actions;
  if (person.role !== "navigator") actions.push("navigate");
  if (person.role !== "mentor" && !isMe) actions.push("mentor");
  if (person.role !== "viewer" && !isMe) actions.push("watch");
  if (!isMe && person.user_id !== session.creator_id) actions.push("send-out");
  return actions;
}

const ROLES: Record<SessionRole, string> = {
  driver: "Driver",
  navigator: "Navigator",
  mentor: "Mentor",
  viewer: "Viewer",
};

export const roleWord = (role: SessionRole): string => ROLES[role];

/** What a role may do, in a few words. */
export function roleHelp(role: SessionRole, policy: Policy): string {
  if (role === "mentor") return "Helps, gives roles and invites";
  if (role === "viewer") return "Reads along and chats";
  if (role === "driver") return policy === "driver" ? "Has the keyboard" : "Leads the typing";
  return policy === "driver" ? "Thinks along and chats" : "Types along";
}

export const policyWord = (policy: Policy): string =>
  policy === "free" ? "Everybody writes" : "Only the driver writes";
