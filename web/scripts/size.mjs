/**
 * Adds up the compressed script of each view's first load and fails when one is over its budget.
 *
 * What a view loads is the entry, the layout, its own page and everything these import at once, plus the chunks that the view asks
 * for by itself right away (the editor). Run it after `npm run build`.
 */
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const KIB = 1024;
const VIEWS = {
  "/": { page: "src/routes/+page.svelte", budget: 90 },
  "/signin": { page: "src/routes/signin/+page.svelte", budget: 90 },
  "/challenges": { page: "src/routes/challenges/+page.svelte", budget: 90 },
  "/leaderboard": { page: "src/routes/leaderboard/+page.svelte", budget: 90 },
  "/users/[name]": { page: "src/routes/users/[name]/+page.svelte", budget: 90 },
  "/challenges/[id]": {
    page: "src/routes/challenges/[id]/+page.svelte",
    budget: 250,
    // Asked for as soon as the workspace opens.
    lazy: ["src/lib/editor/Editor.svelte", "@codemirror/lang-python"],
  },
  "/playground": {
    page: "src/routes/playground/+page.svelte",
    budget: 250,
    // The terminal comes apart: a view is of use without it.
    lazy: ["src/lib/editor/Editor.svelte", "@codemirror/lang-python"],
  },
  "/sessions": { page: "src/routes/sessions/+page.svelte", budget: 90 },
  "/sessions/[id]": {
    page: "src/routes/sessions/[id]/+page.svelte",
    budget: 300,
    lazy: ["src/lib/session/SharedEditor.svelte", "@codemirror/lang-python"],
  },
  "/authoring": { page: "src/routes/authoring/+page.svelte", budget: 90 },
  "/authoring/[id]": {
    page: "src/routes/authoring/[id]/+page.svelte",
    budget: 250,
    // Asked for as soon as a challenge opens.
    lazy: [
      "src/lib/authoring/AuthoringView.svelte",
      "src/lib/editor/Editor.svelte",
      "@codemirror/lang-python",
    ],
  },
  "/sessions/import": { page: "src/routes/sessions/import/+page.svelte", budget: 90 },
  "/sessions/[id]/replay": {
    page: "src/routes/sessions/[id]/replay/+page.svelte",
    budget: 300,
    lazy: [
      "src/lib/replay/ReplayView.svelte",
      "src/lib/replay/ReplayEditor.svelte",
      "@codemirror/lang-python",
    ],
  },
};

const output = new URL("../.svelte-kit/output/client/", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", output), "utf8"));
const nodes = nodesByPage();
const sizes = new Map();

let failed = false;
for (const [view, { page, budget, lazy = [] }] of Object.entries(VIEWS)) {
  const roots = [...entryKeys(), ...layoutAndPage(page), ...lazy.flatMap(keysOf)];
  const files = reach(roots);
  const total = [...files].reduce((sum, file) => sum + gzipSize(file), 0) / KIB;
  const over = total > budget;
  failed ||= over;
  console.log(
    `${over ? "OVER " : "ok   "} ${view.padEnd(22)} ${total.toFixed(1).padStart(6)} of ${budget} KiB gzip, ${files.size} files`,
  );
}
process.exit(failed ? 1 : 0);

/** All script files that the manifest's `keys` import at once. */
function reach(keys) {
  const files = new Set();
  const seen = new Set();
  const queue = [...keys];
  while (queue.length > 0) {
    const key = queue.pop();
    if (seen.has(key)) continue;
    seen.add(key);
    const chunk = manifest[key];
    if (!chunk) throw new Error(`the build manifest does not know ${key}`);
    if (chunk.file.endsWith(".js")) files.add(chunk.file);
    queue.push(...(chunk.imports ?? []));
  }
  return files;
}

function entryKeys() {
  return Object.keys(manifest).filter((key) => manifest[key].isEntry && !key.includes("/nodes/"));
}

/** SvelteKit wraps every page in a node: 0 is the layout, 1 the error page; both are part of every first load. */
function nodesByPage() {
  const found = {};
  for (const key of Object.keys(manifest).filter((key) => key.includes("/nodes/"))) {
    const source = readFileSync(new URL(`../${key}`, import.meta.url), "utf8");
    const component = /from\s+"(?:\.\.\/)+(src\/routes\/[^"]+\.svelte)"/.exec(source)?.[1];
    if (component) found[component] = key;
  }
  return found;
}

function layoutAndPage(page) {
  const wanted = ["src/routes/+layout.svelte", "src/routes/+error.svelte", page];
  return wanted.map((component) => {
    const key = nodes[component];
    if (!key) throw new Error(`no node of the build holds ${component}`);
    return key;
  });
}

/** Manifest keys whose source is, or lies in, `source`. */
function keysOf(source) {
  const keys = Object.keys(manifest).filter((key) => key.includes(source) && manifest[key].isDynamicEntry);
  if (keys.length === 0) throw new Error(`the build has no lazy chunk of ${source}`);
  return keys;
}

function gzipSize(file) {
  if (!sizes.has(file)) sizes.set(file, gzipSync(readFileSync(new URL(file, output)), { level: 9 }).length);
  return sizes.get(file);
}
