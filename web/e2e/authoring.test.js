/** Writing a challenge: from a first draft to a learner who solves it. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { newName, openChallenge, signIn, submit, typeSolution } from "./support/act.js";
import { Findings } from "./support/accessibility.js";
import { DESKTOP, PHONE, Stage } from "./support/stage.js";

/** @typedef {import("playwright-core").Page} Page */

const stage = new Stage();
const BINARY =
  process.env.CODEMENTOR_BIN ?? fileURLToPath(new URL("../../target/debug/codementor", import.meta.url));

const SOLUTION = "def even_sum(numbers):\n    return sum(n for n in numbers if n % 2 == 0)";

/**
 * Signs in somebody whom the operator made a mentor.
 * @param {Page} page
 */
async function mentor(page) {
  const name = await signIn(page, newName("Grace"));
  const args = ["admin", "grant", name, "mentor", "--data", stage.server.data];
  await promisify(execFile)(BINARY, args, { cwd: stage.server.data });
  // The server notices within seconds; until then the list says that it is not theirs.
  for (let left = 40; ; left -= 1) {
    await page.goto("/authoring");
    const allowed = page.getByRole("button", { name: "New challenge" }).first();
    const refused = page.getByText("Mentors and admins write challenges here");
    await allowed.or(refused).first().waitFor();
    if (await allowed.isVisible()) return name;
    assert(left > 0, "the server has not noticed the new role");
  }
}

/**
 * @param {Page} page
 * @param {string} title
 */
async function begin(page, title) {
  await page.getByRole("button", { name: "New challenge" }).first().click();
  await page.getByLabel("Title").fill(title);
  await page.getByRole("button", { name: "Begin" }).click();
  await page.getByRole("heading", { level: 1, name: title }).waitFor();
}

/**
 * Opens a file and replaces all of it.
 * @param {Page} page
 * @param {string} path
 * @param {(text: string) => string} change
 */
async function rewrite(page, path, change) {
  const list = page.getByRole("region", { name: "Files", exact: true }).getByRole("listitem");
  await list.getByRole("button", { name: path }).click();
  const editor = page.getByRole("textbox", { name: `Editor of ${path}` });
  await editor.waitFor();
  const lines = await editor.locator(".cm-line").allTextContents();
  await editor.focus();
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText(change(lines.join("\n")));
}

stage.test(
  "a mentor writes a challenge, mends what the judge finds, and a learner solves it",
  async ({ page }) => {
    await mentor(page);
    await page.getByText("Nothing written yet").waitFor();
    await begin(page, "Even numbers");
    assert.match(page.url(), /\/authoring\/even-numbers$/);

    // Learners see it as the preview shows it.
    const side = page.getByRole("region", { name: "Preview and checks" });
    await side.getByRole("heading", { name: "Even numbers" }).waitFor();
    await side
      .getByText("even_sum(numbers: int[]) → int")
      .or(side.getByText("evenSum(numbers: int[]) → int"))
      .waitFor();
    assert(await page.getByRole("button", { name: "Publish" }).isDisabled());

    // A reference that is wrong is named with its file.
    await rewrite(page, "python/reference.py", () => "def even_sum(numbers):\n    return 0");
    await page.getByRole("button", { name: "Verify", exact: true }).click();
    const faults = side.getByRole("list", { name: "Faults" });
    await faults.getByText("The reference must be accepted", { exact: false }).waitFor({ timeout: 60_000 });
    await faults.getByRole("button", { name: "python/reference.py" }).click();
    assert(await page.getByRole("button", { name: "Publish" }).isDisabled());

    await rewrite(page, "python/reference.py", () => SOLUTION);
    await page.getByRole("button", { name: "Verify", exact: true }).click();
    await side.getByText("Verified", { exact: false }).first().waitFor({ timeout: 60_000 });
    await page.getByRole("button", { name: "Publish" }).click();
    await page.getByText("Learners find it among the challenges now.").waitFor();

    await stage.scene(async ({ page: other }) => {
      await signIn(other);
      await other.goto("/challenges?q=even+numbers");
      await other.getByRole("link", { name: "Even numbers" }).waitFor();
      await openChallenge(other, "even-numbers");
      await typeSolution(other, SOLUTION);
      await submit(other);
    });
  },
);

stage.test("what two people write goes together, or both are asked", async ({ page, watch }) => {
  // Chromium logs what the page asked about and then put right.
  watch.expect(/409 \(Conflict\)/);
  await mentor(page);
  await begin(page, "Written by two");
  const other = await page.context().newPage();
  await other.goto("/authoring/written-by-two");
  await rewrite(other, "statement.md", () => "Theirs.");
  await other.getByText("Saved", { exact: true }).waitFor();

  // Another file goes together with it.
  await rewrite(page, "editorial.md", () => "Mine.");
  await page.getByText("Saved", { exact: true }).waitFor();
  await page.getByText("Theirs.").first().waitFor();

  await rewrite(other, "editorial.md", () => "Theirs, too.");
  await other.getByRole("alert").getByText("changed editorial.md meanwhile", { exact: false }).waitFor();
  await other.getByRole("button", { name: "Keep mine" }).click();
  await other.getByText("Saved", { exact: true }).waitFor();
  await page.reload();
  await rewrite(page, "editorial.md", (text) => {
    assert.equal(text, "Theirs, too.");
    return text;
  });
});

for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
  stage.test(
    `axe finds nothing serious where challenges are written, ${colorScheme}`,
    async ({ page, watch }) => {
      // Chromium logs that the preview of what is no challenge was refused.
      watch.expect(/422 \(Unprocessable/);
      const findings = new Findings();
      await page.emulateMedia({ colorScheme });
      await mentor(page);
      await findings.look(page, "nothing written yet");
      await page.getByRole("button", { name: "New challenge" }).first().click();
      await findings.look(page, "a new challenge");
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: "Upload an archive" }).click();
      await findings.look(page, "an upload");
      await page.keyboard.press("Escape");
      await begin(page, `Seen by all, ${colorScheme}`);
      await page.getByRole("textbox", { name: "Editor of challenge.toml" }).waitFor();
      await findings.look(page, "a draft");
      await rewrite(page, "tests.toml", () => "[[tests]]");
      await page.getByRole("button", { name: "Verify", exact: true }).click();
      await page.getByRole("list", { name: "Faults" }).waitFor();
      await findings.look(page, "faults");
      await page.getByRole("button", { name: "New file" }).click();
      await findings.look(page, "a new file");
      await page.setViewportSize(PHONE);
      for (const pane of ["Files", "Text", "Preview", "Checks"]) {
        await page.getByRole("group", { name: "Pane" }).getByRole("button", { name: pane }).click();
        await findings.look(page, `${pane} on a phone`);
        const width = await page.evaluate(() => document.documentElement.scrollWidth);
        assert(width <= PHONE.width, `${pane} is ${width} px wide`);
      }
      await page.setViewportSize(DESKTOP);
      await page.goto("/authoring");
      await page.getByRole("list", { name: "Yours" }).waitFor();
      await findings.look(page, "the list");
      findings.assertNone();
    },
  );
}

stage.test("learners are told who writes challenges", async ({ page }) => {
  await signIn(page);
  for (const path of ["/authoring", "/authoring/pair-sum"]) {
    await page.goto(path);
    await page.getByText("Mentors and admins write challenges here").waitFor();
  }
});

stage.test(
  "on a phone one pane is shown at a time",
  async ({ page }) => {
    await mentor(page);
    await begin(page, "On a phone");
    await page.getByRole("textbox", { name: "Editor of challenge.toml" }).waitFor();
    await page.getByRole("button", { name: "Preview", exact: true }).click();
    await page.getByRole("heading", { level: 3, name: "On a phone" }).waitFor();
    await page.getByRole("button", { name: "Files", exact: true }).click();
    await page.getByRole("button", { name: "statement.md" }).click();
    await page.getByRole("textbox", { name: "Editor of statement.md" }).waitFor();
  },
  { viewport: PHONE, hasTouch: true },
);
