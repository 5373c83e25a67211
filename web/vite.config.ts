import { sveltekit } from "@sveltejs/kit/vite";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const server = process.env.CODEMENTOR_SERVER ?? "http://127.0.0.1:8080";
const slim = (name: string) => fileURLToPath(new URL(`src/lib/markdown/slim/${name}.ts`, import.meta.url));

export default defineConfig({
  plugins: [sveltekit()],
  resolve: {
    // Half of the Markdown parser's weight, for nothing that a browser needs; tests take the real ones.
    alias: process.env.VITEST ? {} : { entities: slim("entities"), "linkify-it": slim("linkify-it") },
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
