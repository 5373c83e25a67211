/** Language modes, each fetched when it is first needed. */
import { indentUnit } from "@codemirror/language";
import type { Extension } from "@codemirror/state";

const MODES: Record<string, () => Promise<Extension>> = {
  python: async () => [(await import("@codemirror/lang-python")).python(), indentUnit.of("    ")],
  javascript: async () => [(await import("@codemirror/lang-javascript")).javascript(), indentUnit.of("  ")],
  typescript: async () => [
    (await import("@codemirror/lang-javascript")).javascript({ typescript: true }),
    indentUnit.of("  "),
  ],
};

/** Colours, indentation and completion of a language; plain text for one that we do not know. */
export function languageMode(language: string): Promise<Extension> {
  return MODES[language]?.() ?? Promise.resolve([]);
}
