/** Parts of an editor that are fetched when they are first needed. The editor works without any of them. */
import type { Compartment, Extension } from "@codemirror/state";
import type { EditorView } from "@codemirror/view";
import { toasts } from "$lib/state/toasts.svelte";

/** Puts `extension` into `slot` once it is there; the answer takes the wish back. */
export function fillSlot(
  view: () => EditorView | null,
  slot: Compartment,
  extension: Promise<Extension>,
  what: string,
  then?: (view: EditorView) => void,
): () => void {
  let wanted = true;
  extension.then(
    (loaded) => {
      const current = view();
      if (!wanted || !current) return;
      current.dispatch({ effects: slot.reconfigure(loaded) });
      then?.(current);
    },
    () => {
      toasts.show(`The ${what} could not be loaded. The editor works without.`, { tone: "problem" });
    },
  );
  return () => (wanted = false);
}
