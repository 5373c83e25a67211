/** Writing code: drafts, languages, keys, hints. */
import assert from "node:assert/strict";
import {
  chooseLanguage,
  codeOf,
  draftKept,
  editor,
  openChallenge,
  reference,
  results,
  signIn,
  solve,
  submit,
  typeSolution,
  verdictShown,
  waitForCode,
} from "./support/act.js";
import { Stage } from "./support/stage.js";

/** @typedef {import("playwright-core").Page} Page */

const stage = new Stage();

stage.test("drafts of two languages survive a reload", async ({ page }) => {
  await signIn(page);
  await openChallenge(page, "digital-root");
  await typeSolution(page, "# my draft");
  await draftKept(page);
  await chooseLanguage(page, "javascript");
  await (await editor(page)).getByText("function digitalRoot").waitFor();
  await typeSolution(page, "// another draft");
  await draftKept(page);

  await page.reload();
  await waitForCode(page, "// another draft");
  await chooseLanguage(page, "python");
  await waitForCode(page, "# my draft");
});

stage.test("a challenge reopens in the language of its newest draft", async ({ page }) => {
  await signIn(page);
  await openChallenge(page, "digital-root");
  await typeSolution(page, "# half done");
  await draftKept(page);
  await chooseLanguage(page, "javascript");
  await (await editor(page)).getByText("function digitalRoot").waitFor();
  await page.reload();
  await waitForCode(page, "# half done");
  await openChallenge(page, "pair-sum");
  await (await editor(page)).getByText("function pairSum").waitFor();
});

stage.test("a draft is kept even when the tab is closed right after the last key", async ({ page }) => {
  await signIn(page);
  await openChallenge(page, "digital-root");
  await typeSolution(page, "# in a hurry");
  await page.close({ runBeforeUnload: true });
  const another = await page.context().newPage();
  await openChallenge(another, "digital-root");
  await waitForCode(another, "# in a hurry");
});

stage.test("typing over a selection leaves the security policy in peace", async ({ page }) => {
  await signIn(page);
  await (await openChallenge(page, "digital-root")).focus();
  await page.keyboard.press("Control+a");
  await page.keyboard.type("abc");
  await waitForCode(page, "abc");
});

stage.test("back to the starter code, and back again", async ({ page }) => {
  await signIn(page);
  await openChallenge(page, "digital-root");
  const starter = await codeOf(page);
  const reset = page.getByRole("button", { name: "Reset to the starter code" });
  assert.ok(await reset.isDisabled(), "there is nothing to reset yet");
  await typeSolution(page, "# worth keeping");
  await reset.click();
  await waitForCode(page, starter);
  await page.getByRole("button", { name: "Undo" }).click();
  await waitForCode(page, "# worth keeping");
});

stage.test("from the first key to the verdict without a mouse", async ({ page }) => {
  await signIn(page);
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Search challenges and commands" }).waitFor();
  await page.keyboard.type("digital root");
  await page.getByRole("option", { name: /Digital root/ }).waitFor();
  await page.keyboard.press("Enter");
  const content = await editor(page);

  await tabTo(page, content);
  await page.keyboard.press("Control+a");
  await page.keyboard.press("Delete");
  await page.keyboard.insertText(await reference("digital-root", "python"));
  await page.keyboard.press("Control+Enter");
  await results(page).getByText("3 of 3 shown tests passed").waitFor();
  await page.keyboard.press("Control+Shift+Enter");
  await results(page)
    .getByText(/^(\d+) of \1 tests passed$/)
    .waitFor();

  await content.focus();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Tab");
  assert.ok(!(await focused(content)), "Escape, then Tab, leaves the editor");

  await page.keyboard.press("Control+k");
  await page.keyboard.type("hide task");
  await page.getByRole("option", { name: /Hide the task/ }).waitFor();
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Show the task" }).waitFor();
});

stage.test("Vim keys", async ({ page }) => {
  await signIn(page);
  await openChallenge(page, "digital-root");
  await typeSolution(page, "one\ntwo\nthree");
  await chooseKeys(page, "Vim");
  await page.getByText("--NORMAL--").waitFor();
  await (await editor(page)).focus();
  await page.keyboard.type("ggdd");
  await waitForCode(page, "two\nthree");
  await page.keyboard.type("Afold");
  await waitForCode(page, "twofold\nthree");
  await page.keyboard.press("Escape");
  await page.getByText("--NORMAL--").waitFor();
  await page.keyboard.type("j.");
  await waitForCode(page, "twofold\nthreefold");
  await page.keyboard.type("u");
  await waitForCode(page, "twofold\nthree");
  await page.keyboard.press("Control+Enter");
  await verdictShown(page, "Runtime error");
});

stage.test("Vim has its control keys to itself", async ({ page }) => {
  await signIn(page);
  await openChallenge(page, "digital-root");
  await typeSolution(page, "n = 41");
  await draftKept(page);
  await chooseKeys(page, "Vim");
  await page.getByText("--NORMAL--").waitFor();
  await (await editor(page)).focus();
  await page.keyboard.press("0");
  await page.keyboard.press("Control+a");
  await waitForCode(page, "n = 42");
});

stage.test("Emacs keys", async ({ page }) => {
  await signIn(page);
  await openChallenge(page, "digital-root");
  await typeSolution(page, "two");
  await draftKept(page);
  await chooseKeys(page, "Emacs");
  await page.locator(".cm-emacsMode").waitFor();
  await (await editor(page)).focus();
  await page.keyboard.press("Control+a");
  await page.keyboard.type("one ");
  await page.keyboard.press("Control+e");
  await page.keyboard.type(" three");
  await waitForCode(page, "one two three");
  await page.keyboard.press("Control+Enter");
  await verdictShown(page, "Compile error");
});

stage.test("Control and K belongs to Emacs in the code, and to the palette elsewhere", async ({ page }) => {
  await signIn(page);
  await openChallenge(page, "digital-root");
  await typeSolution(page, "keep\nkill");
  await draftKept(page);
  await chooseKeys(page, "Emacs");
  await page.locator(".cm-emacsMode").waitFor();
  const content = await editor(page);
  await content.focus();
  await page.keyboard.press("Control+a");
  await page.keyboard.press("Control+k");
  await waitForCode(page, "keep\n");
  assert.ok(await focused(content), "the editor keeps the focus");
  const query = page.getByRole("combobox", { name: "Search challenges and commands" });
  assert.equal(await query.count(), 0);

  const settings = page.getByRole("button", { name: "Editor settings" });
  await settings.click();
  await page.getByRole("menu").getByText("Ctrl+K kills the rest of the line here").waitFor();
  await page.keyboard.press("Escape");
  await settings.focus();
  await page.keyboard.press("Control+k");
  await query.waitFor();
  await page.keyboard.press("Escape");
  await query.waitFor({ state: "hidden" });
  await page.getByRole("button", { name: /^Search/ }).click();
  await query.waitFor();
});

stage.test("the size of the code is chosen and remembered", async ({ page }) => {
  await signIn(page);
  const content = await openChallenge(page, "digital-root");
  await page.getByRole("button", { name: "Editor settings" }).click();
  await page.getByRole("menuitemradio", { name: "18 px" }).click();
  await page.keyboard.press("Escape");
  assert.equal(await size(content), "18px");
  await page.reload();
  assert.equal(await size(await editor(page)), "18px");
});

stage.test("hints come one at a time", async ({ page }) => {
  await signIn(page);
  await openChallenge(page, "digital-root");
  await page.getByRole("tab", { name: "Hints" }).click();
  for (const [level, kind] of ["a nudge", "an approach", "the plan"].entries()) {
    assert.equal(await page.getByRole("heading", { name: /^Hint \d/ }).count(), level);
    await page.getByRole("button", { name: `Show hint ${level + 1} of 3: ${kind}` }).click();
    await page.getByRole("heading", { name: `Hint ${level + 1}` }).waitFor();
  }
  assert.equal(await page.getByRole("button", { name: /Show hint/ }).count(), 0);
});

stage.test("the editorial opens by solving", async ({ page, watch }) => {
  await signIn(page);
  await openChallenge(page, "digital-root");
  const task = page.getByRole("region", { name: "Task", exact: true });
  await task.getByRole("tab", { name: "Editorial" }).click();
  await task.getByText("Opens when you have solved it").waitFor();
  assert.ok(!watch.requests.some((url) => url.endsWith("/editorial")), "it is not even asked for");
  await typeSolution(page, await reference("digital-root", "python"));
  await submit(page);
  await task.getByText("Opens when you have solved it").waitFor({ state: "detached" });
  await task.getByRole("tabpanel", { name: "Editorial" }).getByRole("heading").first().waitFor();
});

stage.test("after solving, the next challenge is one click away", async ({ page }) => {
  await signIn(page);
  await solve(page, "digital-root", "python");
  await results(page).getByRole("button", { name: "Next challenge" }).click();
  await page.waitForURL(
    (url) => /^\/challenges\/./.test(url.pathname) && !url.pathname.endsWith("digital-root"),
  );
  await editor(page);
});

stage.test("panes fold, and stay folded", async ({ page }) => {
  await signIn(page);
  await openChallenge(page, "digital-root");
  await page.getByRole("button", { name: "Hide the task" }).click();
  await page.getByRole("button", { name: "Hide the results" }).click();
  await page.reload();
  await page.getByRole("button", { name: "Show the task" }).click();
  await page.getByRole("button", { name: "Show the results" }).click();
  await page.getByRole("heading", { level: 1, name: "Digital root" }).waitFor();
});

stage.test("the line between the panes moves by arrow keys", async ({ page }) => {
  await signIn(page);
  await openChallenge(page, "digital-root");
  const line = page.getByRole("separator", { name: "Width of the task" });
  const before = Number(await line.getAttribute("aria-valuenow"));
  await line.focus();
  await page.keyboard.press("ArrowRight");
  assert.equal(Number(await line.getAttribute("aria-valuenow")), before + 2);
});

stage.test("the editor is fetched by the workspace alone", async ({ page }) => {
  /** @type {Promise<boolean>[]} */
  const editors = [];
  page.on("response", (response) => {
    if (response.url().endsWith(".js"))
      editors.push(
        response.text().then(
          (text) => text.includes("cm-scroller"),
          () => false,
        ),
      );
  });
  await signIn(page);
  await page.getByText("Next for you").waitFor();
  assert.ok(editors.length > 5, "scripts were seen");
  assert.ok(!(await Promise.all(editors)).includes(true), "no editor on the way to the dashboard");
  await openChallenge(page, "digital-root");
  assert.ok((await Promise.all(editors)).includes(true), "the editor in the workspace");
});

/**
 * @param {Page} page
 * @param {"Vim" | "Emacs"} keys
 */
async function chooseKeys(page, keys) {
  await page.getByRole("button", { name: "Editor settings" }).click();
  await page.getByRole("menuitemradio", { name: keys }).click();
  await page.keyboard.press("Escape");
}

/**
 * @param {Page} page
 * @param {import("playwright-core").Locator} target
 */
async function tabTo(page, target) {
  for (let presses = 0; presses < 60; presses += 1) {
    if (await focused(target)) return;
    await page.keyboard.press("Tab");
  }
  assert.fail("60 presses of Tab did not reach it");
}

/** @param {import("playwright-core").Locator} target */
function focused(target) {
  return target.evaluate((element) => element === document.activeElement);
}

/** @param {import("playwright-core").Locator} element */
function size(element) {
  return element.evaluate((one) => getComputedStyle(one).fontSize);
}
