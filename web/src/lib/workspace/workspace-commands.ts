import type { Command } from "$lib/state/commands.svelte";
import { prefer, preferences } from "$lib/state/preferences.svelte";

interface Actions {
  run: () => void;
  submit: () => void;
  reset: () => void;
}

/** What the palette can do while a challenge is open. */
export function workspaceCommands({ run, submit, reset }: Actions): Command[] {
  const group = "This challenge";
  return [
    { id: "run", title: "Run the tests shown", group, keys: "mod+enter", words: "execute try", run },
    {
      id: "submit",
      title: "Submit the solution",
      group,
      keys: "mod+shift+enter",
      words: "hand in",
      run: submit,
    },
    { id: "reset", title: "Reset to the starter code", group, words: "clear begin again", run: reset },
    {
      id: "fold-task",
      title: preferences.taskFolded ? "Show the task" : "Hide the task",
      group,
      words: "fold pane panel toggle",
      run: () => {
        prefer({ taskFolded: !preferences.taskFolded });
      },
    },
    {
      id: "fold-results",
      title: preferences.resultsFolded ? "Show the results" : "Hide the results",
      group,
      words: "fold pane panel toggle",
      run: () => {
        prefer({ resultsFolded: !preferences.resultsFolded });
      },
    },
  ];
}
