import { sveltekit } from "@sveltejs/kit/vite";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const server = process.env.CODEMENTOR_SERVER ?? "http://127.0.0.1:8080";
const source = (path: string) => fileURLToPath(new URL(`src/lib/${path}.ts`, import.meta.url));

/** Language modes are needed at once, completion only when somebody types; see late-autocomplete.ts. */
const lateAutocomplete: Plugin = {
  name: "late-autocomplete",
  enforce: "pre",
  apply: "build",
  resolveId: (id, importer) =>
    id === "@codemirror/autocomplete" && importer?.includes("/@codemirror/lang-")
      ? source("editor/late-autocomplete")
      : null,
};

/** The package marks the calls that bind its keys as free of effects, so a build would drop them and leave Emacs without any key. */
const emacsKeysHaveEffects: Plugin = {
  name: "emacs-keys-have-effects",
  apply: "build",
  transform: (code, id) =>
    id.includes("/@replit/codemirror-emacs/") ? code.replaceAll("/*@__PURE__*/", "") : null,
};

/**
 * A terminal writes colours of its own into style attributes, which the security policy refuses. The same through the element's style
 * object is a script's doing and allowed.
 */
const terminalWithoutStyleAttributes: Plugin = {
  name: "terminal-without-style-attributes",
  apply: "build",
  transform(code, id) {
    if (!id.includes("/@xterm/xterm/lib/")) return null;
    const attribute = /(\w+)\.setAttribute\("style",(`[^`]*`)\)/;
    if (!attribute.test(code)) this.error("the terminal has changed how it writes style attributes");
    return code.replace(attribute, "$1.style.cssText=$2");
  },
};

export default defineConfig({
  plugins: [lateAutocomplete, emacsKeysHaveEffects, terminalWithoutStyleAttributes, sveltekit()],
  resolve: {
    // Half of the Markdown parser's weight, for nothing that a browser needs; tests take the real ones.
    alias: process.env.VITEST
      ? {}
      : {
          entities: source("markdown/slim/entities"),
          "linkify-it": source("markdown/slim/linkify-it"),
        },
  },
  build: {
    target: "es2022",
    manifest: true,
    // Under the content security policy an inlined font or image would be a `data:` address; keep them files.
    assetsInlineLimit: 0,
  },
  server: {
    proxy: {
      "/api": server,
      "/ws": { target: server, ws: true },
    },
  },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
