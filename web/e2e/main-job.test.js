/** The job that the school is for: come in, solve, be counted, and find everything again, whatever happens to the server. */
import assert from "node:assert/strict";
import {
  signIn,
  codeOf,
  newName,
  openChallenge,
  reference,
  results,
  solve,
  waitForCode,
} from "./support/act.js";
import { Stage } from "./support/stage.js";

/** @typedef {import("playwright-core").Page} Page */

const stage = new Stage();

stage.test(
  "two challenges in two languages, and nothing is lost by a reload or a killed server",
  async ({ page, watch }) => {
    const name = await signIn(page, newName("Emmy"));

    await solve(page, "digital-root", "python");
    await assertAllGreen(page);
    await results(page).getByText("+10 XP").waitFor();

    await solve(page, "first-unique", "javascript");
    await assertAllGreen(page);
    await results(page).getByText("+10 XP").waitFor();

    await everythingIsThere(page, name);
    await page.reload();
    await everythingIsThere(page, name);

    watch.expect(/ERR_CONNECTION|ERR_EMPTY_RESPONSE|WebSocket connection/);
    await stage.server.kill();
    await stage.server.restart();
    await page.reload();
    await everythingIsThere(page, name);
  },
);

/** @param {Page} page */
async function assertAllGreen(page) {
  const rows = results(page).getByRole("list", { name: "Tests" }).getByRole("listitem");
  const words = await rows.allTextContents();
  assert.ok(words.length > 3, "the hidden tests have rows, too");
  for (const row of words) assert.match(row, /Accepted/);
  const colours = await rows
    .locator(".verdict")
    .evaluateAll((marks) => marks.map((mark) => getComputedStyle(mark).color));
  assert.equal(new Set(colours).size, 1, "all rows have the one colour of success");
}

/**
 * @param {Page} page
 * @param {string} name
 */
async function everythingIsThere(page, name) {
  await page.goto("/");
  await page.getByRole("link", { name: /^Level 1\b.*streak of\s+1\s+day/i }).waitFor();
  await page
    .getByRole("complementary", { name: "Your progress" })
    .getByText("20 XP", { exact: true })
    .waitFor();
  const solved = page.getByRole("list", { name: "Recently solved" });
  await solved.getByRole("link", { name: "Digital root" }).waitFor();
  await solved.getByRole("link", { name: "First unique letter" }).waitFor();

  await page.goto("/leaderboard");
  await page.getByRole("row", { name: `${name} you 20` }).waitFor();

  await page.goto("/challenges");
  const list = page.getByRole("list", { name: "Challenges" });
  await list.getByRole("listitem").filter({ hasText: "Digital root" }).getByText("Solved").waitFor();

  await openChallenge(page, "first-unique");
  await waitForCode(page, await reference("first-unique", "javascript"));
  assert.equal(await codeOf(page), await reference("first-unique", "javascript"), "the draft");
  await page.getByRole("region", { name: "Task", exact: true }).getByText("Solved").waitFor();
}
