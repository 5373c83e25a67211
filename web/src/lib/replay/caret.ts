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
    private readonly side: "above" | "below" | "after",
  ) {}

  eq(other: Mark): boolean {
    const same = this.of.name === other.of.name && this.of.color === other.of.color;
    return same && this.kind === other.kind && this.side === other.side && this.at.eq(other.at);
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
    name.className = `cm-played-name ${this.side}`;
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
      if (!written) return [];
      // A line break alone would mark the rest of its line.
      const text = view.state.sliceDoc(written.from, written.to).trimEnd();
      if (text === "") return [];
      const range = EditorSelection.range(written.from, written.from + text.length);
      return RectangleMarker.forRange(view, "cm-played-range", range).map(
        (at) => new Mark(at, written, "range", "above"),
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
      const line = view.state.doc.lineAt(written.to);
      // Where nothing follows, the name hides nothing; above the first line there is no room for it.
      const side = written.to === line.to ? "after" : line.number === 1 ? "below" : "above";
      return RectangleMarker.forRange(view, "", EditorSelection.cursor(written.to)).map(
        (at) => new Mark(at, written, "caret", side),
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
      fontSize: "12px",
      fontWeight: "600",
      lineHeight: "16px",
      whiteSpace: "nowrap",
      maxWidth: "18ch",
      overflow: "hidden",
      textOverflow: "ellipsis",
    },
    ".cm-played-name.below": { bottom: "auto", top: "100%", borderRadius: "0 4px 4px 4px" },
    ".cm-played-name.after": { bottom: "auto", top: "1px", left: "6px", borderRadius: "4px" },
    // The place of the reader's own cursor is of interest only while they use it.
    "&:not(.cm-focused) .cm-activeLine": { backgroundColor: "transparent" },
    "&:not(.cm-focused) .cm-activeLineGutter": {
      backgroundColor: "transparent",
      color: "var(--code-gutter)",
    },
  }),
];
