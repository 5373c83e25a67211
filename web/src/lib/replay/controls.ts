/** What can be done while watching, and the keys for it. */
import type { Happening } from "./events";
import { isRun } from "./events";
import { SPEEDS } from "./playback";
import type { Player } from "./player.svelte";

export interface Controls {
  toggle: () => void;
  back: () => void;
  on: () => void;
  previousEvent: () => void;
  nextEvent: () => void;
  previousRun: () => void;
  nextRun: () => void;
}

/** Milliseconds that J and L go. */
const JUMP_MS = 10_000;

/** `came` hears where a step has led, so that it can be said aloud. */
export function controlsOf(player: Player, came: (happening: Happening) => void): Controls {
  const step = (direction: 1 | -1, which?: (one: Happening) => boolean) => () => {
    const found = player.stepHappening(direction, which);
    if (found) came(found);
  };
  return {
    toggle: () => {
      player.toggle();
    },
    back: () => {
      player.stepEdit(-1);
    },
    on: () => {
      player.stepEdit(1);
    },
    previousEvent: step(-1),
    nextEvent: step(1),
    previousRun: step(-1, isRun),
    nextRun: step(1, isRun),
  };
}

export interface More {
  help: () => void;
  tint: () => void;
}

/** Every key, in the words of the help: `keys` as they are printed, `does` what they do. */
export const KEY_HELP: { keys: string[]; does: string }[] = [
  { keys: ["Space", "K"], does: "Play or pause" },
  { keys: ["←", "→"], does: "One edit back or on" },
  { keys: ["Shift ←", "Shift →"], does: "To the previous or the next event" },
  { keys: ["R", "Shift R"], does: "To the next or the previous run" },
  { keys: ["J", "L"], does: "Ten seconds back or on" },
  { keys: ["Home", "End"], does: "To the beginning or the end" },
  { keys: ["1", "…", "5"], does: "Speed: 1×, 2×, 4×, 8×, 16×" },
  { keys: ["S"], does: "Skip idle time, or not" },
  { keys: ["A"], does: "Show who wrote what, or not" },
  { keys: ["?"], does: "These keys" },
];

/** What a key does here; nothing for one that is not ours. */
export function actionOf(
  event: Pick<KeyboardEvent, "key" | "shiftKey" | "ctrlKey" | "metaKey" | "altKey">,
  player: Player,
  controls: Controls,
  more: More,
): (() => void) | null {
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  const speed = SPEEDS[Number(event.key) - 1];
  if (speed !== undefined) return () => (player.speed = speed);
  const jump = (ms: number) => () => {
    player.seek(player.time + ms);
  };
  switch (event.key.toLowerCase()) {
    case " ":
    case "k":
      return controls.toggle;
    case "arrowleft":
      return event.shiftKey ? controls.previousEvent : controls.back;
    case "arrowright":
      return event.shiftKey ? controls.nextEvent : controls.on;
    case "r":
      return event.shiftKey ? controls.previousRun : controls.nextRun;
    case "j":
      return jump(-JUMP_MS);
    case "l":
      return jump(JUMP_MS);
    case "home":
      return () => {
        player.go(0);
      };
    case "end":
      return () => {
        player.pause();
        player.seek(player.duration);
      };
    case "s":
      return () => (player.skipIdle = !player.skipIdle);
    case "a":
      return more.tint;
    case "?":
      return more.help;
    default:
      return null;
  }
}

/** Keys that the code itself, a list or a tab has its own use for while it has the focus. */
const MOVING = new Set(["ArrowLeft", "ArrowRight", "Home", "End"]);

/** Whether a key belongs to what has the focus rather than to the player. */
export function isTaken(event: Pick<KeyboardEvent, "key" | "target">): boolean {
  const { target } = event;
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement && target.type === "range") return false;
  if (target.closest("input, textarea, select, [role='menu'], dialog")) return true;
  if (event.key === " ") return target.closest("button, a, summary") !== null;
  if (MOVING.has(event.key)) {
    return target.closest(".cm-editor, [role='tablist'], [role='separator'], pre, .scrolls") !== null;
  }
  return false;
}
