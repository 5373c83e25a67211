/** How a session stands, in words: what happened, what is safe, what to do. */
import type { LinkState, Loss } from "./link";
import type { Kept } from "./unsent";
import type { TextRoom } from "./wire";

export type BannerAction =
  "reconnect" | "sign-in" | "sessions" | "raise-hand" | "lower-hand" | "take" | "copy";

export interface Banner {
  id: string;
  tone: "plain" | "warning" | "danger";
  title: string;
  text: string;
  /** What changes by the second: for the eye alone, since it would be read out again and again. */
  meanwhile?: string;
  actions: BannerAction[];
}

export interface Standing {
  link: LinkState;
  /** Why the connection is gone, once it is gone for longer than a blink. */
  lost: Loss | null;
  arrived: boolean;
  mayWrite: boolean;
  manages: boolean;
  role: string;
  driver: string | null;
  handRaised: boolean;
  storageDown: boolean;
  textRoom: TextRoom;
  kept: Kept;
  /** "You have", "Ada has". */
  endedBy: string | null;
  /** Seconds until the next attempt. */
  seconds: number;
}

/** The one thing that is to be said now, or nothing when all is well. */
export function banner(standing: Standing): Banner | null {
  return (
    overBanner(standing) ??
    linkBanner(standing) ??
    storageBanner(standing) ??
    keyboardBanner(standing) ??
    textBanner(standing)
  );
}

function overBanner({ link, endedBy }: Standing): Banner | null {
  if (link.kind !== "over") return null;
  switch (link.why) {
    case "ended":
      return {
        id: "ended",
        tone: "plain",
        title: endedBy ? `${endedBy} ended this session` : "This session has ended",
        text: "The text stays here as it was at the end; copy what you want to keep.",
        actions: ["copy", "sessions"],
      };
    case "signed-out":
      return {
        id: "signed-out",
        tone: "warning",
        title: "You are signed out",
        text: "What you typed is kept in this tab. Sign in, and you are back in the session.",
        actions: ["sign-in", "copy"],
      };
    case "refused":
      return {
        id: "refused",
        tone: "danger",
        title: "You are no longer in this session",
        text: "Somebody who leads it has sent you out or closed the way you came in. You can still copy the text. Ask them for a new link.",
        actions: ["copy", "sessions"],
      };
    case "missing":
      return {
        id: "missing",
        tone: "danger",
        title: "This session is not there any more",
        text: "The text stays here until you leave; copy what you want to keep.",
        actions: ["copy", "sessions"],
      };
  }
}

function linkBanner({ link, lost, arrived, kept, mayWrite, seconds }: Standing): Banner | null {
  const safe =
    kept === "too-large" || kept === "unavailable"
      ? "What you typed is in this tab only: keep it open."
      : mayWrite
        ? "Go on typing: it is kept in this tab and merged when you are back."
        : "Nothing of yours is lost.";
  if (link.kind === "offline") {
    return {
      id: "offline",
      tone: "warning",
      title: "You are offline",
      text: arrived
        ? `${safe} Running and chat wait for the connection.`
        : "The session opens by itself when you are back.",
      actions: ["reconnect"],
    };
  }
  // It stays while one attempt follows the other; a cut that is mended at once moves nothing.
  if (!lost) return null;
  const [title, cause] = LOST[lost];
  return {
    id: lost === "cut" ? "reconnecting" : lost,
    tone: "warning",
    title,
    text: `${cause}${arrived ? safe : "Nothing of yours is lost."}`,
    meanwhile: seconds > 0 ? `Next attempt in ${seconds} s.` : "Trying again…",
    actions: ["reconnect"],
  };
}

const LOST: Record<Loss, [title: string, cause: string]> = {
  cut: ["The connection was lost", ""],
  "too-slow": [
    "Your connection could not keep up with the session",
    "You come back to the text as it is then. ",
  ],
  "too-fast": ["Too much came from this tab at once", "The session takes a short break from it. "],
  full: ["This session is full", "You come in as soon as there is room. "],
};

function storageBanner({ storageDown }: Standing): Banner | null {
  if (!storageDown) return null;
  return {
    id: "storage",
    tone: "warning",
    title: "Edits cannot be stored just now",
    text: "Yours stay in this tab, and the others see them when storing works again. Keep the tab open.",
    actions: [],
  };
}

function textBanner({ textRoom }: Standing): Banner | null {
  switch (textRoom) {
    case "free":
      return null;
    case "full":
      return {
        id: "full-text",
        tone: "warning",
        title: "The text is as long as it may be",
        text: "Delete something, and typing goes on.",
        actions: ["copy"],
      };
    case "spent":
      return {
        id: "spent-text",
        tone: "warning",
        title: "So much was written here that no more fits",
        text: "Everybody can still read and delete. Copy the code and go on in a new session.",
        actions: ["copy", "sessions"],
      };
  }
}

function keyboardBanner({ arrived, mayWrite, role, driver, manages, handRaised }: Standing): Banner | null {
  if (!arrived || mayWrite) return null;
  const title = driver ? `${driver} has the keyboard` : "Nobody has the keyboard";
  if (role === "viewer") {
    return {
      id: "viewer",
      tone: "plain",
      title: "You are watching",
      text: "You can read, select, copy and chat.",
      actions: [handRaised ? "lower-hand" : "raise-hand"],
    };
  }
  if (manages) {
    return { id: "keyboard", tone: "plain", title, text: "You can take it at any time.", actions: ["take"] };
  }
  return {
    id: "keyboard",
    tone: "plain",
    title,
    text: handRaised ? "They see that you would like it." : "You can read, select, copy and chat.",
    actions: [handRaised ? "lower-hand" : "raise-hand"],
  };
}

/** The state of the connection in one or two words, for the bar. */
export function linkWord(link: LinkState, synced: boolean, again: boolean): string {
  switch (link.kind) {
    case "connecting":
      return again ? "Reconnecting…" : "Connecting…";
    case "open":
      return synced ? "Live" : "Fetching…";
    case "waiting":
      return "Reconnecting…";
    case "offline":
      return "Offline";
    case "over":
      return link.why === "ended" ? "Ended" : "Closed";
  }
}
