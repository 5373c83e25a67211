/** The files of the native format: their order, their languages, and which names a new one may have. */

const ORDER = ["challenge.toml", "statement.md", "tests.toml", "editorial.md"];

const LANGUAGES: Record<string, string> = {
  py: "python",
  js: "javascript",
  mjs: "javascript",
  ts: "typescript",
  c: "c",
  cpp: "cpp",
  rs: "rust",
  go: "go",
  java: "java",
};

/** What the challenge is first, then folder by folder: starter, reference, wrong answers. */
export function inOrder(paths: readonly string[]): string[] {
  const rank = (path: string) => {
    const known = ORDER.indexOf(path);
    if (known >= 0) return `0${known}`;
    const [folder = "", name = ""] = path.split("/");
    if (name.startsWith("starter.")) return `1${folder}/0`;
    if (name.startsWith("reference.")) return `1${folder}/1`;
    return `1${path.replace("/", "/2")}`;
  };
  return [...paths].sort((a, b) => (rank(a) < rank(b) ? -1 : rank(a) > rank(b) ? 1 : 0));
}

/** The editor's language for a file; plain text for what it does not know. */
export function languageOf(path: string): string {
  return LANGUAGES[path.slice(path.lastIndexOf(".") + 1)] ?? "text";
}

/** What keeps a path from being a new file's; empty when nothing does. */
export function pathProblem(path: string, taken: readonly string[]): string {
  if (path === "") return "Give it a path, such as python/wrong/too-slow.py.";
  if (taken.includes(path)) return "There is such a file already.";
  const parts = path.split("/");
  const bad = parts.some((part) => part === "" || part === "." || part === "..");
  // eslint-disable-next-line no-control-regex
  if (bad || /[\\:\u0000-\u001f]/.test(path) || path.length > 160) {
    return "Use names with single slashes between them, without “..”.";
  }
  const clash = taken.some((other) => other.startsWith(`${path}/`) || path.startsWith(`${other}/`));
  return clash ? "One of them would be the other's folder." : "";
}

/** A slug that a title suggests. */
export function slugOf(title: string): string {
  return title
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 64)
    .replace(/^-+|-+$/g, "");
}
