import adapter from "@sveltejs/adapter-static";
import { vitePreprocess } from "@sveltejs/vite-plugin-svelte";

/**
 * SvelteKit's own root component carries a style attribute, which the security policy refuses with an error in the console. The same
 * style stands in src/lib/styles/base.css.
 */
const announcerWithoutStyle = {
  name: "announcer-without-style",
  markup({ content, filename = "" }) {
    if (!filename.endsWith("generated/root.svelte")) return undefined;
    return { code: content.replace(/(<div id="svelte-announcer"[^>]*?) style="[^"]*"/, "$1") };
  },
};

/** @type {import("@sveltejs/kit").Config} */
export default {
  preprocess: [announcerWithoutStyle, vitePreprocess({ script: false })],
  compilerOptions: { runes: ({ filename }) => !filename.includes("node_modules") || undefined },
  kit: {
    adapter: adapter({ fallback: "index.html", precompress: true }),
    // Absolute addresses: the one index.html answers at every depth.
    paths: { relative: false },
    // The same sources give the same bytes; a release sets its own name.
    version: { name: process.env.CODEMENTOR_VERSION ?? "dev" },
    serviceWorker: { register: false },
  },
};
