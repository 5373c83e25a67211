import { describe, expect, it } from "vitest";
import { isSafeLink, renderMarkdown } from "./render";

describe("renderMarkdown", () => {
  it.each([
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "<style>*{display:none}</style>",
    "<iframe src=//evil></iframe>",
    "text <b onclick=alert(1)>bold</b>",
    "<!-- comment --><script>1</script>",
  ])("keeps raw HTML as text: %s", (source) => {
    expect(renderMarkdown(source)).not.toMatch(/<(script|img|svg|a|style|iframe|b)\b/i);
  });

  it.each([
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\nscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](data:text/html,<script>1</script>)",
    "[x](vbscript:x)",
    "[x](file:///etc/passwd)",
    "[x](//evil.example)",
    "<javascript:alert(1)>",
    "[x]: javascript:alert(1)\n\n[x]",
  ])("makes no link of %s", (source) => {
    expect(renderMarkdown(source)).not.toMatch(/href/i);
  });

  it("keeps backslashes on this site", () => {
    for (const source of ["[x](/\\evil.example)", "[x](\\\\evil.example)", "[x](/%5Cevil.example)"]) {
      const href = /href="([^"]*)"/.exec(renderMarkdown(source))?.[1] ?? "";
      expect(new URL(href, "https://here.invalid/a/b").origin).toBe("https://here.invalid");
    }
  });

  it("lets web and site addresses be links that tell nothing about the reader", () => {
    expect(renderMarkdown("[x](https://example.org/a?b=c)")).toContain(
      'href="https://example.org/a?b=c" rel="noopener noreferrer nofollow" target="_blank"',
    );
    expect(renderMarkdown("[x](/challenges/pair-sum)")).toContain('href="/challenges/pair-sum"');
    expect(renderMarkdown("[x](/challenges)")).not.toContain("target");
  });

  it("loads no image: it becomes a link", () => {
    const html = renderMarkdown('![a "cat"](https://example.org/cat.png)');
    expect(html).not.toContain("<img");
    expect(html).toContain('<a href="https://example.org/cat.png"');
    expect(html).toContain("Image: a &quot;cat&quot;");
    expect(renderMarkdown("![x](javascript:alert(1))")).not.toMatch(/<(img|a)\b/);
    expect(renderMarkdown('![x](https://e.org/"onmouseover="alert(1))')).not.toMatch(/ onmouseover=/);
  });

  it("escapes code, and lets the keyboard reach it", () => {
    expect(renderMarkdown("```html\n<script>1</script>\n```")).toBe(
      '<pre tabindex="0"><code>&lt;script&gt;1&lt;/script&gt;\n</code></pre>\n',
    );
    expect(renderMarkdown('```" onload="x\n1\n```')).not.toContain("onload");
  });

  it("puts the highest heading under the page's own, whatever it was", () => {
    expect(renderMarkdown("## A\n\n### B", 2)).toBe("<h2>A</h2>\n<h3>B</h3>\n");
    expect(renderMarkdown("# A", 4)).toBe("<h4>A</h4>\n");
    expect(renderMarkdown("# A\n\n###### B", 5)).toBe("<h5>A</h5>\n<h6>B</h6>\n");
  });

  it("writes no style attribute, which the policy would refuse", () => {
    const html = renderMarkdown("| a | b |\n|:-:|--:|\n| 1 | 2 |");
    expect(html).not.toContain("style=");
    expect(html).toContain('class="align-center"');
  });

  it("gets through deep nesting", () => {
    expect(renderMarkdown("> ".repeat(5000) + "x")).toContain("<blockquote>");
    expect(renderMarkdown("[".repeat(5000))).toContain("[");
  });
});

describe("isSafeLink", () => {
  it.each(["https://a.b", "HTTP://a.b", "/x", "#x", "?q=1", "x.html", "a/b:c", "./a"])(
    "takes %s",
    (address) => {
      expect(isSafeLink(address)).toBe(true);
    },
  );

  it.each([
    "",
    "javascript:1",
    " javascript:1",
    "java\tscript:1",
    "\u200bjavascript:1",
    "//x",
    "///x",
    "mailto:a@b",
    "ftp://x",
    "/\\x",
    "blob:x",
  ])("refuses %j", (address) => {
    expect(isSafeLink(address)).toBe(false);
  });
});

it("keeps the line breaks of people who chat, and only theirs", () => {
  expect(renderMarkdown("one\ntwo")).toBe("<p>one\ntwo</p>\n");
  expect(renderMarkdown("one\ntwo", 4, "kept")).toBe("<p>one<br>\ntwo</p>\n");
});
