/**
 * Markdown of authors we do not know, as safe HTML.
 *
 * Raw HTML stays text, links go to http, https or this site only, and no image loads by itself: it becomes a link that says so.
 * The content security policy stands behind this as a second wall.
 */
import MarkdownIt from "markdown-it";

const SAFE_LINK = /^(https?:\/\/|\/(?!\/)|[#?]|[^:/?#\\]+(?:[/?#]|$))/i;

/** Whether a link may stay one. `//host`, `/\host` and every other scheme are refused. */
export function isSafeLink(address: string): boolean {
  // Browsers drop these before they look for the scheme: "java\nscript:" is "javascript:".
  // eslint-disable-next-line no-control-regex
  const cleaned = address.replace(/[\u0000-\u0020\u007f-\u00a0\u200b-\u200f\u2028-\u202e\ufeff]/gu, "");
  return SAFE_LINK.test(cleaned) && !cleaned.includes("\\");
}

const markdown = new MarkdownIt({ html: false, linkify: false, typographer: false, breaks: false });
markdown.validateLink = isSafeLink;

markdown.renderer.rules.link_open = (tokens, index, options, _env, self) => {
  const token = tokens[index];
  token?.attrSet("rel", "noopener noreferrer nofollow");
  if (/^https?:/i.test(String(token?.attrGet("href") ?? ""))) token?.attrSet("target", "_blank");
  return self.renderToken(tokens, index, options);
};

markdown.renderer.rules.image = (tokens, index) => {
  const token = tokens[index];
  const address = String(token?.attrGet("src") ?? "");
  const label = token?.content || "image";
  if (!isSafeLink(address)) return escapeHtml(label);
  return `<a href="${escapeHtml(address)}" rel="noopener noreferrer nofollow" target="_blank">Image: ${escapeHtml(label)}</a>`;
};

// A code block scrolls sideways by itself, so the keyboard must be able to reach it.
const codeBlock = (content: string) => `<pre tabindex="0"><code>${escapeHtml(content)}</code></pre>\n`;
markdown.renderer.rules.fence = (tokens, index) => codeBlock(tokens[index]?.content ?? "");
markdown.renderer.rules.code_block = (tokens, index) => codeBlock(tokens[index]?.content ?? "");

// The style attribute of aligned cells is against the policy; a class says the same.
for (const rule of ["th_open", "td_open"] as const) {
  markdown.renderer.rules[rule] = (tokens, index, options, _env, self) => {
    const token = tokens[index];
    const align = /text-align:(\w+)/.exec(String(token?.attrGet("style") ?? ""))?.[1];
    if (token?.attrs) token.attrs = token.attrs.filter(([name]) => name !== "style");
    if (align) token?.attrSet("class", `align-${align}`);
    return self.renderToken(tokens, index, options);
  };
}

/** What one line break means: authors wrap their lines, people who chat do not. */
export type LineBreaks = "flow" | "kept";

/** Headings fit under the page's own: the highest one of the text becomes `top`, whatever its author began with. */
export function renderMarkdown(source: string, top = 2, lineBreaks: LineBreaks = "flow"): string {
  const tokens = markdown.parse(source, {});
  const headings = tokens.filter(({ type }) => type === "heading_open" || type === "heading_close");
  const level = (token: { tag: string }) => Number(token.tag.slice(1));
  const highest = Math.min(...headings.map(level));
  for (const token of headings) token.tag = `h${Math.min(6, level(token) - highest + top)}`;
  return markdown.renderer.render(tokens, { ...markdown.options, breaks: lineBreaks === "kept" }, {});
}

function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}
