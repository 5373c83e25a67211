/**
 * Where somebody wrote last, in a text that is played: a caret with their name, and what came in marked in their colour.
 *
 * Drawn in layers and coloured by script, since style attributes are against the content security policy.
 */
import { EditorSelection, StateEffect, StateField, type Extension } from "@codemirror/state";
import { EditorView, layer, RectangleMarker, type LayerMarker } from "@codemirror/view";
import { onColour } from "$lib/editor/on-colour";

export interface Written {
  from: number;
  to: number;
  name: string;
  /** As `#rrggbb`. */
  color: string;
}

/** The latest edit; nothing at the beginning. */
export const wrote = StateEffect.define<Written | null>();

const latest = StateField.define<Written | null>({
  create: () => null,
  update(value, transaction) {
    for (const effect of transaction.effects) if (effect.is(wrote)) return effect.value;
    return transaction.docChanged ? null : value;
  },
});

/** An element that is placed, coloured, and drawn anew only when something of it changed. */
class Mark implements LayerMarker {
  constructor(
    private readonly at: RectangleMarker,
    private readonly of: Written,
    private readonly kind: "caret" | "range",
    private readonly below: boolean,
  ) {}

  eq(other: Mark): boolean {
    const same = this.of.name === other.of.name && this.of.color === other.of.color;
    return same && this.kind === other.kind && this.below === other.below && this.at.eq(other.at);
  }

  draw(): HTMLElement {
    if (this.kind === "range") {
      const range = this.at.draw();
      range.style.backgroundColor = this.of.color;
      return range;
    }
    const caret = document.createElement("div");
    caret.className = "cm-played-caret";
    caret.style.left = `${this.at.left - 1}px`;
    caret.style.top = `${this.at.top}px`;
    caret.style.height = `${this.at.height}px`;
    caret.style.backgroundColor = this.of.color;
    const name = document.createElement("span");
    name.className = this.below ? "cm-played-name below" : "cm-played-name";
    name.textContent = this.of.name;
    name.style.backgroundColor = this.of.color;
    name.style.color = onColour(this.of.color);
    caret.append(name);
    return caret;
  }
}

function inside(view: EditorView): Written | null {
  const written = view.state.field(latest);
  return written && written.to <= view.state.doc.length ? written : null;
}

export const playedCaret: Extension = [
  latest,
  layer({
    above: false,
    class: "cm-played-ranges",
    update: (update) => update.docChanged || update.viewportChanged || update.transactions.length > 0,
    markers(view) {
      const written = inside(view);
      if (!written || written.from === written.to) return [];
      const range = EditorSelection.range(written.from, written.to);
      return RectangleMarker.forRange(view, "cm-played-range", range).map(
        (at) => new Mark(at, written, "range", false),
      );
    },
  }),
  layer({
    above: true,
    class: "cm-played-carets",
    update: (update) => update.docChanged || update.viewportChanged || update.transactions.length > 0,
    markers(view) {
      const written = inside(view);
      if (!written) return [];
      // There is no room for the name above the first line.
      const below = view.state.doc.lineAt(written.to).number === 1;
      return RectangleMarker.forRange(view, "", EditorSelection.cursor(written.to)).map(
        (at) => new Mark(at, written, "caret", below),
      );
    },
  }),
  EditorView.baseTheme({
    ".cm-played-range": { position: "absolute", opacity: "0.22" },
    ".cm-played-carets": { pointerEvents: "none" },
    ".cm-played-caret": { position: "absolute", width: "2px" },
    ".cm-played-name": {
      position: "absolute",
      bottom: "100%",
      left: "0",
      padding: "0 5px",
      borderRadius: "4px 4px 4px 0",
      fontFamily: "var(--sans)",
      fontSize: "11px",
      fontWeight: "600",
      lineHeight: "16px",
      whiteSpace: "nowrap",
      maxWidth: "18ch",
      overflow: "hidden",
      textOverflow: "ellipsis",
    },
    ".cm-played-name.below": { bottom: "auto", top: "100%", borderRadius: "0 4px 4px 4px" },
  }),
];
