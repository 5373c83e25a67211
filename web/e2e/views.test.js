/** The other views, and what they say when something is missing. */
import assert from "node:assert/strict";
import { newName, openChallenge, results, signIn, solve } from "./support/act.js";
import { PHONE, Stage } from "./support/stage.js";

/** @typedef {import("playwright-core").Page} Page */

const stage = new Stage();
const GONE = /ERR_CONNECTION|ERR_EMPTY_RESPONSE|WebSocket connection/;

stage.test("the dashboard leads on: what is next, what is open, what is solved", async ({ page }) => {
  await signIn(page);
  await page.getByText("Nothing is half done.").waitFor();
  await page.getByText("Your first solved challenge will stand here.").waitFor();
  await page.getByText("Solve one today to begin a streak.").waitFor();
  await page.getByRole("region", { name: "Next for you" }).getByRole("link", { name: "Start" }).click();
  await page.waitForURL(/\/challenges\/./);

  await openChallenge(page, "pair-sum");
  await page.getByRole("textbox", { name: "Code editor" }).focus();
  await page.keyboard.type("# begun");
  await page.getByText("Draft kept").waitFor();
  await page.getByRole("link", { name: "Home", exact: true }).click();
  await page
    .getByRole("listitem")
    .filter({ hasText: "Draft in Python, just now" })
    .getByText("Pair sum")
    .waitFor();
});

stage.test("a page that stands still asks the server for nothing", async ({ page }) => {
  await signIn(page);
  for (const path of ["/", "/challenges", "/challenges/digital-root", "/leaderboard"]) {
    await page.goto(path, { waitUntil: "networkidle" });
  }
});

stage.test("progress moves at once, in every tab", async ({ page }) => {
  await signIn(page);
  const other = await page.context().newPage();
  await other.goto("/");
  await other.getByText("Solve one today to begin a streak.").waitFor();
  await other.locator("[data-live='open']").waitFor();
  await solve(page, "digital-root", "python");
  await page.getByRole("link", { name: /^Level 1\b.*streak of\s+1\s+day/i }).waitFor();
  await other.getByText("Today counts already.").waitFor();
});

stage.test("the leaderboard by period and by language", async ({ page }) => {
  const name = await signIn(page);
  await solve(page, "digital-root", "python");
  await page.goto("/leaderboard");
  const own = page.getByRole("row", { name: `${name} you 10` });
  await own.waitFor();
  await page.getByText(/^You are number \d+ of \d+ with 10 XP$/).waitFor();
  await page.getByRole("tab", { name: "This week" }).click();
  await page.waitForURL("**/leaderboard?period=week");
  await own.waitFor();
  await page.getByLabel("Language").selectOption("javascript");
  await page.waitForURL("**/leaderboard?period=week&language=javascript");
  await own.waitFor({ state: "detached" });
  await page.getByLabel("Language").selectOption("python");
  await own.waitFor();
  await own.getByRole("link").click();
  await page.getByRole("heading", { level: 1, name }).waitFor();
});

stage.test("the leaderboard moves while somebody looks at it", async ({ page }) => {
  const name = await signIn(page);
  await page.goto("/leaderboard");
  await page
    .getByText(/no XP here yet/i)
    .first()
    .waitFor();
  await page.locator("[data-live='open']").waitFor();
  const other = await page.context().newPage();
  await solve(other, "digital-root", "python");
  await page.getByRole("row", { name: `${name} you 10` }).waitFor();
});

stage.test("a theme is chosen, shown at once and remembered", async ({ page }) => {
  const name = await signIn(page);
  await openProfile(page, name);
  const light = await ground(page);
  await page.getByLabel("Theme").selectOption("dark");
  const dark = await ground(page);
  assert.notEqual(dark, light);
  await page.reload();
  await page.getByLabel("Theme").waitFor();
  assert.equal(await ground(page), dark);
  await page.getByLabel("Theme").selectOption("system");
  assert.equal(await ground(page), light);
});

stage.test("a time zone is chosen and kept by the server", async ({ page }) => {
  const name = await signIn(page);
  await openProfile(page, name);
  await page.getByLabel("Time zone").selectOption("Asia/Tokyo");
  await page.getByText("Your days are now counted in Asia/Tokyo.").waitFor();
  await page.reload();
  await page.getByLabel("Time zone").waitFor();
  assert.equal(await page.getByLabel("Time zone").inputValue(), "Asia/Tokyo");
});

stage.test("another person's profile has no settings", async ({ page }) => {
  const other = newName("Alan");
  await stage.scene(async ({ page: theirs }) => void (await signIn(theirs, other)));
  await signIn(page);
  await page.goto(`/users/${encodeURIComponent(other)}`);
  await page.getByRole("heading", { level: 1, name: other }).waitFor();
  await page.getByText("Nothing solved yet.").waitFor();
  assert.equal(await page.getByLabel("Time zone").count(), 0);
});

stage.test(
  "on a phone the calendar of a year shows today",
  async ({ page }) => {
    const name = await signIn(page);
    await openProfile(page, name);
    const today = page.locator(".calendar .grid i:not(.future)").last();
    await today.scrollIntoViewIfNeeded();
    const box = await today.boundingBox();
    assert.ok(
      box && box.x >= 0 && box.x + box.width <= PHONE.width,
      `today stands at ${JSON.stringify(box)}`,
    );
  },
  { viewport: PHONE },
);

stage.test("what does not exist says so and leads on", async ({ page, watch }) => {
  watch.expect(/status of 404/);
  await page.goto("/nowhere");
  await page.getByRole("heading", { level: 1, name: "This page does not exist" }).waitFor();
  await page.goto("/users/Nobody");
  await page.getByRole("heading", { level: 1, name: "There is nobody of this name" }).waitFor();
  await page.goto("/challenges/no-such-thing");
  await page.getByRole("heading", { level: 1, name: "There is no such challenge" }).waitFor();
  await page.getByRole("link", { name: "Browse challenges" }).click();
  await page.getByRole("heading", { level: 1, name: "Challenges" }).waitFor();
});

stage.test("the palette finds views, challenges and settings", async ({ page }) => {
  await signIn(page);
  const query = page.getByRole("combobox", { name: "Search challenges and commands" });
  const option = (/** @type {string} */ name) => page.getByRole("option", { name });

  await page.getByRole("button", { name: /^Search/ }).click();
  await query.fill("leader");
  await option("Leaderboard Go to").click();
  await page.getByRole("heading", { level: 1, name: "Leaderboard" }).waitFor();

  await page.keyboard.press("Control+k");
  await query.fill("edit distance");
  await option("Edit distance Challenges").waitFor();
  await query.fill("zebrafish");
  await page.getByText("Nothing is called “zebrafish”.").waitFor();
  await query.fill("theme dark");
  await option("Theme: Dark Appearance").waitFor();
  await page.keyboard.press("Enter");
  await query.waitFor({ state: "hidden" });
  assert.equal(await page.locator("html").getAttribute("data-theme"), "dark");

  await page.keyboard.press("Control+k");
  await query.waitFor();
  await page.keyboard.press("Escape");
  await query.waitFor({ state: "hidden" });
});

stage.test("the palette puts titles that begin with the typed text first", async ({ page }) => {
  await signIn(page);
  await openChallenge(page, "digital-root");
  await page.getByRole("button", { name: /^Search/ }).click();
  // "Run the tests shown" is found, too, and comes first while nothing is typed.
  await page.getByRole("combobox", { name: "Search challenges and commands" }).fill("the");
  const options = page.getByRole("dialog").getByRole("option");
  await options.filter({ hasText: "The rotating alphabet" }).waitFor();
  const found = await options.allInnerTexts();
  const begins = found.map((text) => /^\s*the/i.test(text));
  assert.ok(begins.lastIndexOf(true) < begins.indexOf(false), found.join("\n"));
  assert.ok(
    found.some((text) => text.includes("Run the tests shown")),
    found.join("\n"),
  );
});

stage.test("offline is said, and passes by itself", async ({ page, watch }) => {
  await signIn(page);
  await openChallenge(page, "digital-root");
  watch.expect(/ERR_INTERNET_DISCONNECTED/, /WebSocket connection/);
  const banner = page.getByText(/You are offline\./);
  await page.context().setOffline(true);
  await banner.waitFor();
  await page.getByRole("toolbar", { name: "Code" }).getByRole("button", { name: "Run" }).click();
  await results(page).getByRole("alert").getByText("Your code is kept, and nothing was counted.").waitFor();
  await page.context().setOffline(false);
  await banner.waitFor({ state: "hidden" });
  await page.locator("[data-live='open']").waitFor();
  await results(page).getByRole("button", { name: "Try again" }).click();
  await results(page).getByText("Wrong answer", { exact: true }).first().waitFor();
});

stage.test("a server that goes away and comes back", async ({ page, watch }) => {
  const name = await signIn(page);
  await page.goto("/challenges");
  await page.getByRole("list", { name: "Challenges" }).waitFor();
  watch.expect(GONE);
  await stage.server.kill();
  await page.getByRole("button", { name: "Hard" }).click();
  const alert = page.getByRole("alert");
  await alert.getByText("The challenges could not be loaded").waitFor();
  await alert.getByRole("button", { name: "Try again" }).click();
  await alert.getByText("The challenges could not be loaded").waitFor();
  await stage.server.restart();
  await alert.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("listitem").filter({ hasText: "Edit distance" }).waitFor();
  await page.getByRole("button", { name: `Account of ${name}` }).waitFor();
});

/**
 * @param {Page} page
 * @param {string} name
 */
async function openProfile(page, name) {
  await page.goto(`/users/${encodeURIComponent(name)}`);
  await page.getByLabel("Time zone").waitFor();
}

/** @param {Page} page */
function ground(page) {
  return page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
}
