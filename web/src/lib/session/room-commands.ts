import type { Command } from "$lib/state/commands.svelte";
import { prefer, preferences } from "$lib/state/preferences.svelte";
import type { Room } from "./room.svelte";

interface Actions {
  run: () => void;
  submit: (() => void) | null;
  share: () => void;
}

/** What the palette can do while a session is open. */
export function roomCommands(room: Room, { run, submit, share }: Actions): Command[] {
  const group = "This session";
  const fold = (id: string, what: string, key: "taskFolded" | "resultsFolded" | "sideFolded"): Command => ({
    id,
    title: `${preferences[key] ? "Show" : "Hide"} ${what}`,
    group,
    words: "fold pane panel toggle",
    run: () => {
      prefer({ [key]: !preferences[key] });
    },
  });
  const all: (Command | null)[] = [
    { id: "run", title: "Run for everybody", group, keys: "mod+enter", words: "execute try tests", run },
    submit && {
      id: "submit",
      title: "Submit the solution together",
      group,
      keys: "mod+shift+enter",
      words: "hand in",
      run: submit,
    },
    { id: "share", title: "Invite somebody", group, words: "share link invitation", run: share },
    {
      id: "hand",
      title: room.handRaised ? "Lower your hand" : "Raise your hand",
      group,
      words: "ask keyboard question",
      run: () => {
        room.raiseHand(!room.handRaised);
      },
    },
    submit && fold("fold-task", "the task", "taskFolded"),
    fold("fold-results", "the results", "resultsFolded"),
    fold("fold-side", "people and chat", "sideFolded"),
  ];
  return all.filter((command) => command !== null);
}
