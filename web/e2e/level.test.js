/** Rising to the next level by solving. */
import { results, signIn, solve } from "./support/act.js";
import { Stage } from "./support/stage.js";

/** @typedef {import("playwright-core").Page} Page */

/** Each of them is worth 25 XP; level 2 begins at 100. */
const MEDIUM = ["merge-intervals", "group-anagrams", "spiral-matrix", "top-k-scores"];

/** 50 XP each. */
const HARD = ["edit-distance", "window-maximum"];

const stage = new Stage();

stage.test("the fourth challenge of 25 XP leads to level 2, at once and everywhere", async ({ page }) => {
  await signIn(page);
  const other = await page.context().newPage();
  await other.goto("/");
  await other.getByText("100 XP to level 2").waitFor();
  await other.locator("[data-live='open']").waitFor();

  for (const [index, id] of MEDIUM.entries()) {
    await solve(page, id, "python");
    await results(page).getByText("+25 XP").waitFor();
    const missing = 75 - 25 * index;
    if (missing > 0) await other.getByText(`${missing} XP to level 2`).waitFor();
  }
  await results(page).getByText("Level 2", { exact: true }).waitFor();
  await page.getByText(/ 25 XP earned\. Level 2 reached\.$/).waitFor({ state: "attached" });
  for (const one of [page, other]) await one.getByRole("link", { name: /^Level 2\b/ }).waitFor();
  await dashboardShowsLevel2(other);

  await page.goto("/");
  await dashboardShowsLevel2(page);
  await page.reload();
  await dashboardShowsLevel2(page);
});

stage.test("the level is said also when the news of it overtake the result", async ({ page }) => {
  await signIn(page);
  await solve(page, HARD[0], "python");
  const risen = page.getByRole("link", { name: /^Level 2\b/ });
  await page.route("**/api/submissions/*", async (route) => {
    await risen.waitFor();
    await route.continue();
  });
  await solve(page, HARD[1], "python");
  await results(page).getByText("+50 XP").waitFor();
  await results(page).getByText("Level 2", { exact: true }).waitFor();
});

/** @param {Page} page */
async function dashboardShowsLevel2(page) {
  const own = page.getByRole("complementary", { name: "Your progress" });
  await own.getByText("Level 2", { exact: true }).waitFor();
  await own.getByText("100 XP", { exact: true }).waitFor();
  await own.getByRole("progressbar", { name: "Progress to the next level" }).waitFor();
  await own.getByText(/^\d+ XP to level 3$/).waitFor();
}
