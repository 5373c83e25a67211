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
  c: cpp,
  cpp,
  rust: async () => [(await import("@codemirror/lang-rust")).rust(), indentUnit.of("    ")],
  go: async () => [(await import("@codemirror/lang-go")).go(), indentUnit.of("\t")],
  java: async () => [(await import("@codemirror/lang-java")).java(), indentUnit.of("    ")],
};

async function cpp(): Promise<Extension> {
  return [(await import("@codemirror/lang-cpp")).cpp(), indentUnit.of("    ")];
}

/** Colours, indentation and completion of a language; plain text for one that we do not know. */
export function languageMode(language: string): Promise<Extension> {
  return MODES[language]?.() ?? Promise.resolve([]);
}
