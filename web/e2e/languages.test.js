/** Languages that need a compiler, in a session of free code. */
import assert from "node:assert/strict";
import { editor, results, signIn } from "./support/act.js";
import { live, newSession } from "./support/session.js";
import { Stage } from "./support/stage.js";

const stage = new Stage();

stage.test("a program in C++ is coloured, compiled and run, and what is wrong is shown", async ({ page }) => {
  await signIn(page);
  const { items } = await (await page.request.get("/api/sandbox/languages")).json();
  if (!items.some((/** @type {{ id: string }} */ { id }) => id === "cpp")) {
    assert.notEqual(process.env.CI, "true", "no C++ on CI");
    return;
  }
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
