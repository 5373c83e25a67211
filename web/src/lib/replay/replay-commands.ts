import type { Command } from "$lib/state/commands.svelte";
import type { Controls } from "./controls";
import type { Player } from "./player.svelte";

interface Actions {
  judge: () => void;
  copy: () => void;
  tint: () => void;
  restore: (() => void) | null;
  help: () => void;
}

/** What the palette can do while a recording is watched. */
export function replayCommands(player: Player, controls: Controls, actions: Actions): Command[] {
  const group = "This recording";
  const all: (Command | null)[] = [
    {
      id: "play",
      title: player.playing ? "Pause" : "Play",
      group,
      words: "stop start watch",
      run: controls.toggle,
    },
    {
      id: "judge-here",
      title: "Judge the code of this moment",
      group,
      words: "run tests",
      run: actions.judge,
    },
    {
      id: "copy-moment",
      title: "Copy the code of this moment",
      group,
      words: "clipboard",
      run: actions.copy,
    },
    actions.restore && {
      id: "restore",
      title: "Restore the code of this moment",
      group,
      words: "bring back undo",
      run: actions.restore,
    },
    {
      id: "authorship",
      title: "Show who wrote what, or not",
      group,
      words: "authors tint blame",
      run: actions.tint,
    },
    { id: "next-run", title: "To the next run", group, words: "jump", run: controls.nextRun },
    {
      id: "previous-run",
      title: "To the previous run",
      group,
      words: "jump previous",
      run: controls.previousRun,
    },
    { id: "replay-keys", title: "Keys of the player", group, words: "help shortcuts", run: actions.help },
  ];
  return all.filter((command) => command !== null);
}
