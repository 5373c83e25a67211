/** Finding a challenge. */
import assert from "node:assert/strict";
import { signIn, solve } from "./support/act.js";
import { Stage } from "./support/stage.js";

/** @typedef {import("playwright-core").Page} Page */

const stage = new Stage();

stage.test("words narrow the list, and stand in the address", async ({ page }) => {
  await openCatalogue(page);
  await page.getByRole("searchbox", { name: "Search challenges" }).fill("digital");
  await page.getByText("1 challenge", { exact: true }).waitFor();
  assert.equal(new URL(page.url()).search, "?q=digital");
  await page.reload();
  await page.getByText("1 challenge", { exact: true }).waitFor();
  assert.equal(await page.getByRole("searchbox").inputValue(), "digital");
});

stage.test(
  "filters combine, stand in the address, and the back button takes them away again",
  async ({ page }) => {
    await openCatalogue(page);
    const all = await rows(page).count();
    await page.getByRole("button", { name: "Hard" }).click();
    await page.waitForURL("**/challenges?difficulty=hard");
    await waitForRows(page, (row) => row.includes("Hard"));
    const hard = await rows(page).count();
    assert.ok(hard > 0 && hard < all);
    await page.getByLabel("Topic").selectOption("graphs");
    await page.waitForURL("**/challenges?difficulty=hard&topic=graphs");
    await waitForRows(page, (row) => row.includes("Hard") && row.includes("Graphs"));
    await page.getByLabel("Language").selectOption("python");
    await page.waitForURL("**/challenges?difficulty=hard&topic=graphs&language=python");

    await page.goBack();
    await page.goBack();
    await page.goBack();
    await page.waitForURL("**/challenges");
    await page.getByText(`${all} challenges`, { exact: true }).waitFor();
  },
);

stage.test("nothing fits: the page says so and clears the filters", async ({ page }) => {
  await openCatalogue(page);
  const all = await rows(page).count();
  await page.goto("/challenges?q=zebrafish&difficulty=easy");
  await page.getByText("No challenge fits these filters").waitFor();
  await page.getByRole("button", { name: "Clear filters" }).last().click();
  await page.getByText(`${all} challenges`, { exact: true }).waitFor();
  assert.equal(new URL(page.url()).search, "");
  assert.equal(await page.getByRole("searchbox").inputValue(), "");
});

stage.test("rows are walked by keys", async ({ page }) => {
  await openCatalogue(page);
  const links = rows(page).getByRole("link");
  const titles = await links.allTextContents();
  await page.keyboard.press("/");
  assert.equal(await focusedName(page), "Search challenges");
  await page.keyboard.press("ArrowDown");
  assert.equal(await focusedName(page), titles[0]);
  await page.keyboard.press("j");
  await page.keyboard.press("ArrowDown");
  assert.equal(await focusedName(page), titles[2]);
  await page.keyboard.press("k");
  assert.equal(await focusedName(page), titles[1]);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: titles[1] }).waitFor();
});

stage.test("a long list comes page by page", async ({ page }) => {
  await page.route(/\/api\/challenges\?.*limit=50/, (route) =>
    route.continue({ url: route.request().url().replace("limit=50", "limit=10") }),
  );
  await page.goto("/challenges");
  await page.getByText("10 challenges so far", { exact: true }).waitFor();
  const more = page.getByRole("button", { name: "Show more challenges" });
  await more.click();
  await page.getByText("20 challenges so far", { exact: true }).waitFor();
  await more.click();
  await more.waitFor({ state: "detached" });
  const titles = await rows(page).getByRole("link").allTextContents();
  assert.equal(new Set(titles).size, titles.length, "no challenge comes twice");
});

stage.test("what is solved says so, and can be looked for", async ({ page }) => {
  await signIn(page);
  await solve(page, "digital-root", "python");
  await openCatalogue(page);
  const row = rows(page).filter({ hasText: "Digital root" });
  await row.getByText("Solved", { exact: true }).waitFor();
  await page.getByLabel("Status").selectOption("solved");
  await page.getByText("1 challenge", { exact: true }).waitFor();
  await page.getByLabel("Status").selectOption("todo");
  await row.waitFor({ state: "detached" });
});

stage.test("visitors see the list without a status", async ({ page }) => {
  await openCatalogue(page);
  assert.equal(await page.getByLabel("Status").count(), 0);
  assert.equal(await rows(page).getByText("To do").count(), 0);
});

/** @param {Page} page */
async function openCatalogue(page) {
  await page.goto("/challenges");
  await rows(page).first().waitFor();
  await page.getByLabel("Topic").getByText("Graphs").waitFor({ state: "attached" });
}

/** @param {Page} page */
function rows(page) {
  return page.getByRole("list", { name: "Challenges" }).getByRole("listitem");
}

/**
 * Waits until every row is of a kind.
 * @param {Page} page
 * @param {(row: string) => boolean} fits
 */
async function waitForRows(page, fits) {
  await page.locator(".panel:not(.stale)").waitFor();
  const texts = await rows(page).allTextContents();
  assert.ok(texts.length > 0 && texts.every(fits), texts.join("\n"));
}

/** @param {Page} page */
function focusedName(page) {
  return page.evaluate(() => {
    const element = document.activeElement;
    return element?.getAttribute("aria-label") ?? element?.textContent;
  });
}
