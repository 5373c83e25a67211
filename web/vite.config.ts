import { sveltekit } from "@sveltejs/kit/vite";
import { defineConfig } from "vitest/config";

const server = process.env.CODEMENTOR_SERVER ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [sveltekit()],
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
