/**
 * What the language packages take from `@codemirror/autocomplete`, without fetching it: they only prepare their completions, and these
 * are not asked for before the editor is entered, when the real package comes along (see extras.ts and vite.config.ts).
 */
import type { Completion, CompletionContext, CompletionResult } from "@codemirror/autocomplete";
import { syntaxTree } from "@codemirror/language";
import type { EditorView } from "@codemirror/view";

type Source = (context: CompletionContext) => CompletionResult | Promise<CompletionResult | null> | null;

const real = () => import("@codemirror/autocomplete");

export function completeFromList(list: readonly (string | Completion)[]): Source {
  return async (context) => (await real()).completeFromList(list)(context);
}

export function snippetCompletion(template: string, completion: Completion): Completion {
  const apply = (view: EditorView, chosen: Completion, from: number, to: number) => {
    void real().then(({ snippet }) => {
      snippet(template)(view, chosen, from, to);
    });
  };
  return { ...completion, apply };
}

/** Asks `source` only outside of the named syntax nodes, such as comments and strings. */
export function ifNotIn(nodes: readonly string[], source: Source): Source {
  return (context) => {
    let node = syntaxTree(context.state).resolveInner(context.pos, -1);
    while (!node.type.isTop) {
      if (nodes.includes(node.name)) return null;
      if (!node.parent) break;
      node = node.parent;
    }
    return source(context);
  };
}
