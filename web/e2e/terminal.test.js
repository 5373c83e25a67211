/** Programs with somebody at the keyboard, in the playground and beside a challenge. */
import assert from "node:assert/strict";
import { chooseLanguage, editor, openChallenge, signIn, typeSolution } from "./support/act.js";
import { Findings } from "./support/accessibility.js";
import { PHONE, Stage } from "./support/stage.js";

/** @typedef {import("playwright-core").Page} Page */

const stage = new Stage();

const ECHO = 'while True:\n    print("got", input("? "))';

/** @param {Page} page */
const terminal = (page) => page.getByRole("textbox", { name: "Terminal" });

/** @param {Page} page */
const bar = (page) => page.getByRole("region", { name: /^(Terminal|Results)$/ });

/**
 * Waits until the terminal shows a text.
 * @param {Page} page
 * @param {string} text
 */
async function shows(page, text) {
  await page.waitForFunction((wanted) => {
    const rows = Array.from(document.querySelectorAll(".xterm-rows > div"), (row) =>
      row.textContent.trimEnd(),
    );
    return rows.join("\n").includes(wanted);
  }, text);
}

/**
 * @param {Page} page
 * @param {string} text
 */
async function state(page, text) {
  await bar(page).getByRole("status").getByText(text).waitFor();
}

/** @param {Page} page */
async function openPlayground(page) {
  await page.goto("/playground");
  await editor(page);
}

stage.test("somebody talks to a program, stops it and starts it again", async ({ page }) => {
  await signIn(page);
  await page.getByRole("link", { name: "Playground" }).first().click();
  await editor(page);
  await chooseLanguage(page, "python");
  await typeSolution(page, ECHO);
  await page.keyboard.press("Control+Enter");
  await state(page, "Running");
  await shows(page, "?");
  // The terminal has the focus by itself.
  await page.keyboard.type("one");
  await page.keyboard.press("Enter");
  await shows(page, "? one\ngot one\n?");
  await page.keyboard.type("twx");
  await page.keyboard.press("Backspace");
  await page.keyboard.type("o\n");
  await shows(page, "? two\ngot two\n?");
  await page.keyboard.press("Control+.");
  await state(page, "Stopped");

  await page.keyboard.press("Control+Enter");
  await state(page, "Running");
  await page.keyboard.type("again\n");
  await shows(page, "got again\n?");
  await bar(page).getByRole("button", { name: "Restart" }).click();
  await page.waitForFunction(() => document.querySelector(".xterm-rows")?.textContent.trimEnd() === "?");
  await state(page, "Running");
  const ended = bar(page).getByRole("status").getByText("Ended with an error");
  // An interpreter that is about to read, but does not yet, notices an interrupt only when it has read.
  for (let tries = 0; tries < 5 && !(await ended.isVisible()); tries += 1) {
    await page.keyboard.press("Control+c");
    await ended.waitFor({ timeout: 2_000 }).catch(() => undefined);
  }
  await shows(page, "KeyboardInterrupt");
});

stage.test("what is typed into the editor is kept, and what does not compile is told", async ({ page }) => {
  await signIn(page);
  await openPlayground(page);
  await page.getByRole("toolbar", { name: "Code" }).getByLabel("Language").selectOption("C++");
  await typeSolution(
    page,
    "#include <iostream>\nint main() { int n; std::cin >> n; std::cout << 2 * n << std::endl; }",
  );
  await page.getByText("Draft kept").waitFor();
  await page.reload();
  await editor(page);
  await page.keyboard.press("Control+Enter");
  await state(page, "Running");
  await page.keyboard.type("21\n");
  await shows(page, "21\n42");
  await state(page, "Ended well");
  await typeSolution(page, "int main() { return missing; }");
  await page.keyboard.press("Control+Enter");
  await state(page, "It does not compile");
  await shows(page, "missing");
});

stage.test("the program is told how large the terminal is", async ({ page }) => {
  await signIn(page);
  await openPlayground(page);
  await chooseLanguage(page, "python");
  const source = [
    "import os, signal",
    "signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGWINCH})",
    "while True:",
    "    print(*os.get_terminal_size(), '.')",
    "    signal.sigwait({signal.SIGWINCH})",
  ];
  await typeSolution(page, source.join("\n"));
  await page.keyboard.press("Control+Enter");
  const sizes = async () => {
    const rows = await page.locator(".xterm-rows > div").allTextContents();
    return rows.filter((row) => /^\d+ \d+ \./.test(row)).map((row) => row.split(" ").map(Number));
  };
  await shows(page, " .");
  const before = (await sizes())[0];
  assert.ok(before && before[0] > 100, `${before}`);
  await page.setViewportSize({ width: 800, height: 900 });
  await page.waitForFunction(
    () => (document.querySelector(".xterm-rows")?.textContent.match(/ \./g) ?? []).length > 1,
  );
  const after = (await sizes()).at(-1);
  assert.ok(after && after[0] < before[0], `${before} ${after}`);
  await page.keyboard.press("Control+.");
  await state(page, "Stopped");
});

stage.test("beside a challenge, and the keyboard can leave it", async ({ page }) => {
  await signIn(page);
  await openChallenge(page, "pair-sum");
  await chooseLanguage(page, "python");
  await typeSolution(page, `print("\\x1b[31mred \\x1b[38;2;1;2;3mdark\\x1b[0m")\n${ECHO}`);
  await page.getByRole("tab", { name: "Terminal" }).click();
  await page.keyboard.press("Control+Enter");
  await shows(page, "red dark\n?");
  await page.keyboard.type("x\n");
  await shows(page, "got x");
  // The program runs on while something else is looked at.
  await page.getByRole("tab", { name: "Tests" }).click();
  await page.getByRole("tab", { name: "Terminal" }).click();
  await shows(page, "got x");
  const colour = () => page.locator(".xterm-rows").evaluate((rows) => getComputedStyle(rows).color);
  const light = await colour();
  await page.emulateMedia({ colorScheme: "dark" });
  await page.waitForFunction(
    (before) => getComputedStyle(document.querySelector(".xterm-rows") ?? document.body).color !== before,
    light,
  );
  await terminal(page).focus();
  await page.keyboard.press("Tab");
  assert.ok(
    await terminal(page).evaluate((field) => field === document.activeElement),
    "Tab is the program's",
  );
  await page.keyboard.press("Escape");
  await page.keyboard.press("Tab");
  assert.ok(
    !(await terminal(page).evaluate((field) => field === document.activeElement)),
    "and now it leaves",
  );
  await bar(page).getByRole("button", { name: "Stop" }).click();
  await state(page, "Stopped");
});

stage.test("the third at once is refused in words", async ({ page }) => {
  await signIn(page);
  const pages = [page, await page.context().newPage(), await page.context().newPage()];
  for (const one of pages) {
    await openPlayground(one);
    await chooseLanguage(one, "python");
    await typeSolution(one, ECHO);
    await one.keyboard.press("Control+Enter");
    if (one === pages[2]) await state(one, "Two of your programs run on terminals already.");
    else await state(one, "Running");
  }
});

stage.test("a visitor may write and is asked to sign in", async ({ page }) => {
  await openPlayground(page);
  await page.getByText("Sign in to run programs").waitFor();
});

stage.test(
  "it is accessible and fits on a phone",
  async ({ page }) => {
    await signIn(page);
    await openPlaygroundOnPhone(page);
    await page.getByRole("button", { name: "Run", exact: true }).last().click();
    await state(page, "Running");
    await shows(page, "What is your name?");
    const findings = new Findings();
    await findings.look(page, "playground on a phone");
    findings.assertNone();
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(overflow <= 0, `${overflow} px too wide`);
  },
  { viewport: PHONE, hasTouch: true },
);

/** @param {Page} page */
async function openPlaygroundOnPhone(page) {
  await page.goto("/playground");
  await editor(page);
}
