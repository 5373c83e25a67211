/** Languages that need a compiler: in a session of free code, and for a challenge whose author wrote nothing in them. */
import assert from "node:assert/strict";
import {
  chooseLanguage,
  editor,
  openChallenge,
  results,
  run,
  signIn,
  submit,
  typeSolution,
  waitForCode,
} from "./support/act.js";
import { live, newSession } from "./support/session.js";
import { Stage } from "./support/stage.js";

const stage = new Stage();

/**
 * Whether the judge has a language; on CI it must.
 * @param {import("playwright-core").Page} page
 * @param {string} language
 */
async function isInstalled(page, language) {
  const { items } = await (await page.request.get("/api/sandbox/languages")).json();
  const found = items.some((/** @type {{ id: string }} */ { id }) => id === language);
  assert.ok(found || process.env.CI !== "true", `no ${language} on CI`);
  return found;
}

stage.test("a program in C++ is coloured, compiled and run, and what is wrong is shown", async ({ page }) => {
  await signIn(page);
  if (!(await isInstalled(page, "cpp"))) return;
  await newSession(page);
  await page.getByRole("combobox", { name: "Language" }).selectOption({ label: "C++" });
  await live(page);
  await (await editor(page)).focus();
  await page.keyboard.insertText("#include <iostream>\nint main() { std::cout << 6 * 7 << '\\n'; }\n");
  await page.locator(".cm-line", { hasText: "#include" }).locator("span").first().waitFor();
  const run = page.getByRole("button", { name: "Run", exact: true });
  await run.click();
  await results(page).getByText("42", { exact: true }).waitFor();
  await (await editor(page)).focus();
  await page.keyboard.press("Control+End");
  await page.keyboard.insertText("int broken = missing;\n");
  await run.click();
  await results(page).getByText("Compile error", { exact: true }).waitFor();
  await results(page)
    .getByText(/solution\.cpp:3:14: error/)
    .waitFor();
});

const DIGITAL_ROOT = `pub fn digital_root(n: i64) -> i64 {
    if n == 0 { 0 } else { 1 + (n - 1) % 9 }
}`;

stage.test("a challenge is begun, run and solved in Rust", async ({ page }) => {
  await signIn(page);
  if (!(await isInstalled(page, "rust"))) return;
  await openChallenge(page, "digital-root");
  const select = page.getByRole("toolbar", { name: "Code" }).getByLabel("Language");
  const offered = await select.locator("option").allTextContents();
  assert.deepEqual(
    offered,
    [...offered].sort((a, b) => a.localeCompare(b)),
    "in the order of their names",
  );
  await chooseLanguage(page, "rust");
  const code = await editor(page);
  await code.getByText("pub fn digital_root(n: i64) -> i64").waitFor();
  await code.locator(".cm-line", { hasText: "pub fn" }).locator("span").first().waitFor();
  await run(page, "Runtime error");
  await typeSolution(page, DIGITAL_ROOT);
  await submit(page);
  await results(page).getByText("+10 XP").waitFor();
  await page.reload();
  await waitForCode(page, DIGITAL_ROOT);
  assert.equal(await select.inputValue(), "rust");
});

stage.test("what C cannot say is not offered in it", async ({ page }) => {
  await signIn(page);
  await openChallenge(page, "flatten-nested");
  const select = page.getByRole("toolbar", { name: "Code" }).getByLabel("Language");
  assert.equal(await select.locator("option", { hasText: /^C$/ }).count(), 0);
});
