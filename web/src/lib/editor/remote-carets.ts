/**
 * Where the others are in a shared text: their carets with names, and what they have selected, each in their colour.
 *
 * Drawn in layers over and under the text, placed and coloured by script: style attributes, as y-codemirror.next writes them, are
 * against the content security policy, and a widget in the text would move it.
 */
import { EditorSelection, type Extension } from "@codemirror/state";
import {
  EditorView,
  layer,
  RectangleMarker,
  ViewPlugin,
  type LayerMarker,
  type ViewUpdate,
} from "@codemirror/view";
import { Annotation } from "@codemirror/state";
import type { Awareness } from "y-protocols/awareness";
import * as Y from "yjs";
import { isColour, NOBODYS_COLOUR } from "./colours";
import { onColour } from "./on-colour";

/** What one of the others shows. Everything in it comes from their browser, but for `user`. */
export interface RemoteState {
  user?: { id?: string; name?: string; color?: string };
  cursor?: Cursor | null;
  /** What y-monaco calls it. */
  selection?: Cursor | null;
}

interface Cursor {
  anchor?: unknown;
  head?: unknown;
}

export interface RemoteCaret {
  client: number;
  name: string;
  color: string;
  anchor: number;
  head: number;
}

/** Somebody else moved: the layers look again. */
const moved = Annotation.define<true>();

/** The carets of all others that lie in this text. */
export function remoteCarets(text: Y.Text, awareness: Awareness): RemoteCaret[] {
  const carets: RemoteCaret[] = [];
  for (const [client, state] of awareness.getStates() as Map<number, RemoteState>) {
    if (client === awareness.clientID) continue;
    const cursor = cursorOf(state);
    const anchor = place(text, cursor?.anchor);
    const head = place(text, cursor?.head);
    if (anchor === null || head === null) continue;
    const { name, color } = state.user ?? {};
    carets.push({
      client,
      name: typeof name === "string" ? name : "Somebody",
      color: isColour(color) ? color : NOBODYS_COLOUR,
      anchor,
      head,
    });
  }
  return carets;
}

/** Where somebody is, by whichever editor they have. */
function cursorOf({ cursor, selection }: RemoteState): Cursor | null {
  return cursor ?? selection ?? null;
}

function place(text: Y.Text, position: unknown): number | null {
  if (typeof position !== "object" || position === null || !text.doc) return null;
  try {
    const relative = Y.createRelativePositionFromJSON(position);
    const absolute = Y.createAbsolutePositionFromRelativePosition(relative, text.doc);
    return absolute?.type === text ? Math.min(absolute.index, text.length) : null;
  } catch {
    return null;
  }
}

class Selection implements LayerMarker {
  constructor(
    private readonly at: RectangleMarker,
    private readonly color: string,
  ) {}

  eq(other: Selection): boolean {
    return this.at.eq(other.at) && this.color === other.color;
  }

  draw(): HTMLElement {
    const element = this.at.draw();
    element.style.backgroundColor = this.color;
    return element;
  }
}

class Caret implements LayerMarker {
  constructor(
    private readonly at: RectangleMarker,
    private readonly caret: RemoteCaret,
    /** There is no room for the name above the first line. */
    private readonly below: boolean,
  ) {}

  eq(other: Caret): boolean {
    const { name, color, head } = this.caret;
    const same = name === other.caret.name && color === other.caret.color && head === other.caret.head;
    return same && this.below === other.below && this.at.eq(other.at);
  }

  draw(): HTMLElement {
    const element = document.createElement("div");
    element.className = "cm-remote-caret";
    const { left, top, height } = this.at;
    element.style.left = `${left - 1}px`;
    element.style.top = `${top}px`;
    element.style.height = `${height}px`;
    element.style.backgroundColor = this.caret.color;
    const label = document.createElement("span");
    label.className = this.below ? "cm-remote-name below" : "cm-remote-name";
    label.textContent = this.caret.name;
    label.style.backgroundColor = this.caret.color;
    label.style.color = onColour(this.caret.color);
    element.append(label);
    return element;
  }
}

export function showRemoteCarets(text: Y.Text, awareness: Awareness): Extension {
  const inside = (view: EditorView) =>
    remoteCarets(text, awareness).filter(
      ({ anchor, head }) => Math.max(anchor, head) <= view.state.doc.length,
    );
  const update = (change: ViewUpdate) =>
    change.docChanged ||
    change.viewportChanged ||
    change.geometryChanged ||
    change.transactions.some((transaction) => transaction.annotation(moved));
  return [
    layer({
      above: false,
      class: "cm-remote-selections",
      update,
      markers: (view) =>
        inside(view).flatMap(({ anchor, head, color }) =>
          anchor === head
            ? []
            : RectangleMarker.forRange(view, "cm-remote-selection", EditorSelection.range(anchor, head)).map(
                (at) => new Selection(at, color),
              ),
        ),
    }),
    layer({
      above: true,
      class: "cm-remote-carets",
      update,
      markers: (view) =>
        inside(view).flatMap((caret) => {
          const below = view.state.doc.lineAt(caret.head).number === 1;
          return RectangleMarker.forRange(view, "", EditorSelection.cursor(caret.head)).map(
            (at) => new Caret(at, caret, below),
          );
        }),
    }),
    listen(awareness),
    publish(text, awareness),
    look,
  ];
}

/** Draws anew when somebody else's state changes. */
function listen(awareness: Awareness): Extension {
  return ViewPlugin.define((view) => {
    const changed = (changes: { added: number[]; updated: number[]; removed: number[] }) => {
      const clients = [...changes.added, ...changes.updated, ...changes.removed];
      if (clients.some((client) => client !== awareness.clientID)) {
        view.dispatch({ annotations: moved.of(true) });
      }
    };
    awareness.on("change", changed);
    return {
      destroy: () => {
        awareness.off("change", changed);
      },
    };
  });
}

/** Tells the others where we are, as y-codemirror.next would. Whoever looks elsewhere stays where they were last. */
function publish(text: Y.Text, awareness: Awareness): Extension {
  return EditorView.updateListener.of(({ view, state, docChanged, selectionSet, focusChanged }) => {
    if (!view.hasFocus || !(docChanged || selectionSet || focusChanged)) return;
    if (awareness.getLocalState() === null) return;
    const { anchor, head } = state.selection.main;
    const position = (index: number) =>
      Y.createRelativePositionFromTypeIndex(text, Math.min(index, text.length));
    const cursor = { anchor: position(anchor), head: position(head) };
    const before = (awareness.getLocalState() as RemoteState).cursor;
    if (JSON.stringify(before) !== JSON.stringify(cursor)) awareness.setLocalStateField("cursor", cursor);
  });
}

const look = EditorView.baseTheme({
  ".cm-remote-selection": { position: "absolute", opacity: "0.22" },
  ".cm-remote-carets": { pointerEvents: "none" },
  ".cm-remote-caret": { position: "absolute", width: "2px" },
  ".cm-remote-name": {
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
  // A name hides what is written above it, so it goes again; whoever wants no motion keeps it.
  "@media (prefers-reduced-motion: no-preference)": {
    ".cm-remote-name": { animation: "cm-remote-name 3s var(--ease) forwards" },
  },
  "@keyframes cm-remote-name": { "95%": { opacity: "1" }, "100%": { opacity: "0" } },
  ".cm-remote-caret::before": {
    content: "''",
    position: "absolute",
    top: "-2px",
    left: "-2px",
    width: "6px",
    height: "6px",
    borderRadius: "2px",
    backgroundColor: "inherit",
  },
  ".cm-remote-name.below": { bottom: "auto", top: "100%", borderRadius: "0 4px 4px 4px" },
});
