import adapter from "@sveltejs/adapter-static";
import { vitePreprocess } from "@sveltejs/vite-plugin-svelte";

/** @type {import("@sveltejs/kit").Config} */
export default {
  preprocess: vitePreprocess({ script: false }),
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
