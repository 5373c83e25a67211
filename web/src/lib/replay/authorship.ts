/**
 * Tints a text by who wrote it. Colour is not all that tells them apart: each has a line of their own under the text, and the name
 * stands beside the pointer.
 */
import { RangeSetBuilder, StateEffect, StateField, type Extension } from "@codemirror/state";
import {
  Decoration,
  EditorView,
  ViewPlugin,
  type DecorationSet,
  type PluginValue,
  type ViewUpdate,
} from "@codemirror/view";
import type { Run } from "./text";

/** How many people have a look of their own; the ninth looks like the first. */
export const LOOKS = 8;

/** The look of somebody by their number, which is 1 for the first person. */
export const lookOf = (who: number): number => (who - 1) % LOOKS;

/** Who wrote the text as it is now. */
export const written = StateEffect.define<readonly Run[]>();

const authors = StateField.define<readonly Run[]>({
  create: () => [],
  update(value, transaction) {
    for (const effect of transaction.effects) if (effect.is(written)) return effect.value;
    return value;
  },
});

/** Whose the unit at a place is; nothing behind the end. */
export function authorAt(runs: readonly Run[], place: number): number | null {
  let end = 0;
  for (const { who, length } of runs) {
    end += length;
    if (place < end) return who;
  }
  return null;
}

/** `nameOf` tells the name of a person's number. Number 0, the session itself, has no tint. */
export function authorship(nameOf: (who: number) => string): Extension {
  class Tints implements PluginValue {
    decorations: DecorationSet;

    constructor(view: EditorView) {
      this.decorations = tints(view, nameOf);
    }

    update(update: ViewUpdate): void {
      const told = update.transactions.some(({ effects }) => effects.some((effect) => effect.is(written)));
      if (told || update.docChanged || update.viewportChanged) this.decorations = tints(update.view, nameOf);
    }
  }
  return [authors, ViewPlugin.fromClass(Tints, { decorations: (tints) => tints.decorations }), look];
}

/** Only what is in sight: a long text has thousands of pieces. */
function tints(view: EditorView, nameOf: (who: number) => string): DecorationSet {
  const builder = new RangeSetBuilder<Decoration>();
  const { from: first, to: last } = view.viewport;
  let at = 0;
  for (const { who, length } of view.state.field(authors)) {
    const [from, to] = [Math.max(at, first), Math.min(at + length, last)];
    at += length;
    if (from >= last) break;
    if (who > 0 && from < to) {
      const attributes = { title: nameOf(who) };
      builder.add(from, to, Decoration.mark({ class: `cm-author cm-author-${lookOf(who)}`, attributes }));
    }
  }
  return builder.finish();
}

const LINES = ["solid", "dashed", "dotted", "double", "solid", "dashed", "dotted", "double"];

const look = EditorView.baseTheme({
  ...Object.fromEntries(
    LINES.map((line, index) => {
      const person = `var(--author-${index}, var(--text-subtle))`;
      // Made for white names on them: in the dark they need some light.
      const seen = `color-mix(in oklab, ${person}, light-dark(${person}, white) 35%)`;
      const width = line === "double" ? 3 : index < LOOKS / 2 ? 2 : 1;
      const look = {
        backgroundColor: `color-mix(in oklab, ${person} 13%, transparent)`,
        borderBottom: `${width}px ${line} ${seen}`,
      };
      return [`.cm-author-${index}`, look];
    }),
  ),
});
