/** For everybody: with a screen reader, with a keyboard, on a small screen, in the dark, without motion. */
import assert from "node:assert/strict";
import { openChallenge, run, results, signIn, solve, typeSolution } from "./support/act.js";
import { Findings } from "./support/accessibility.js";
import { DESKTOP, PHONE, Stage } from "./support/stage.js";
import { everyView, NOT_FOUND_LOGGED } from "./support/views.js";

/** @typedef {import("playwright-core").Page} Page */

const stage = new Stage();

for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
  stage.test(
    `axe finds nothing serious in any view, ${colorScheme}, large and small`,
    async ({ page, watch }) => {
      watch.expect(NOT_FOUND_LOGGED);
      const findings = new Findings();
      await page.emulateMedia({ colorScheme });
      await everyView(page, async ({ name }) => {
        await findings.look(page, name);
        await page.setViewportSize(PHONE);
        await findings.look(page, `${name} on a phone`);
        await page.setViewportSize(DESKTOP);
      });
      findings.assertNone();
    },
  );

  stage.test(`axe finds nothing serious in what opens and changes, ${colorScheme}`, async ({ page }) => {
    const findings = new Findings();
    await page.emulateMedia({ colorScheme });
    await signIn(page);
    await openChallenge(page, "digital-root");
    await typeSolution(page, "def digital_root(n):\n    print(n)\n    return 5");
    await run(page, "Wrong answer");
    await findings.look(page, "a wrong answer");
    await results(page).getByRole("tab", { name: "Own input" }).click();
    await results(page).getByLabel("n int").fill("many");
    await results(page).getByRole("button", { name: "Run with this input" }).click();
    await findings.look(page, "an own input with a fault");
    await page.getByRole("button", { name: "Reset to the starter code" }).click();
    await findings.look(page, "a message");
    await page.getByRole("button", { name: "Editor settings" }).click();
    await page.getByRole("menuitemradio", { name: "Vim" }).waitFor();
    await findings.look(page, "an open menu");
    await page.keyboard.press("Escape");

    await solve(page, "digital-root", "python");
    await findings.look(page, "a solved challenge");
    for (const tab of ["Hints", "Submissions", "Editorial"]) {
      await page.getByRole("tab", { name: tab }).click();
      if (tab === "Hints") await page.getByRole("button", { name: "Show hint 1 of 3" }).click();
      await page.getByRole("tabpanel", { name: tab }).waitFor();
      await findings.look(page, tab);
    }
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: "Search challenges and commands" }).waitFor();
    await findings.look(page, "the palette");
    findings.assertNone();
  });
}

stage.test("no view is wider than a narrow phone", async ({ page, watch }) => {
  watch.expect(NOT_FOUND_LOGGED);
  await everyView(page, async ({ name }) => {
    await page.setViewportSize({ width: 360, height: 740 });
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= 360, `${name} is ${width} px wide: ${await tooWide(page)}`);
    await page.setViewportSize(DESKTOP);
  });
});

stage.test(
  "a phone shows one pane at a time, and can solve a challenge",
  async ({ page }) => {
    await signIn(page);
    await page.goto("/challenges/digital-root");
    const panes = page.getByRole("group", { name: "Pane" });
    await page.getByRole("heading", { level: 1, name: "Digital root" }).waitFor();
    await panes.getByRole("button", { name: "Code" }).click();
    await typeSolution(page, "def digital_root(n):\n    return 1 + (n - 1) % 9 if n else 0");
    await page.getByRole("region", { name: "Task", exact: true }).waitFor({ state: "hidden" });
    await page.getByRole("button", { name: "Submit" }).click();
    await results(page).getByText("+10 XP").waitFor();
    assert.equal(await panes.getByRole("button", { name: "Results" }).getAttribute("aria-pressed"), "true");
  },
  { viewport: PHONE, hasTouch: true, isMobile: true },
);

stage.test("the first Tab offers the way to the content", async ({ page }) => {
  await signIn(page);
  await page.goto("/challenges");
  await page.getByRole("list", { name: "Challenges" }).waitFor();
  await page.keyboard.press("Tab");
  const skip = page.getByRole("link", { name: "Skip to content" });
  assert.ok(await skip.evaluate((element) => element === document.activeElement));
  const box = await skip.boundingBox();
  assert.ok(box && box.y >= 0, "it is in sight");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  assert.ok(await page.evaluate(() => document.querySelector("main")?.contains(document.activeElement)));
});

stage.test("whatever has the focus shows it", async ({ page }) => {
  await signIn(page);
  for (const path of ["/", "/challenges", "/leaderboard"]) {
    await page.goto(path);
    await page.getByRole("heading", { level: 1 }).waitFor();
    for (let presses = 0; presses < 14; presses += 1) {
      await page.keyboard.press("Tab");
      const unseen = await page.evaluate(() => {
        const element = document.activeElement;
        if (!element || element === document.body) return null;
        const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
        const seen = (outlineStyle !== "none" && parseFloat(outlineWidth) > 0) || boxShadow !== "none";
        return seen ? null : element.outerHTML.slice(0, 120);
      });
      assert.equal(unseen, null, path);
    }
  }
});

for (const [from, link, heading] of [
  ["/", "Challenges", "Challenges"],
  ["/challenges", "Leaderboard", "Leaderboard"],
  ["/challenges", "Digital root", "Digital root"],
]) {
  stage.test(`from ${from} to ${link}: the focus goes to the new heading`, async ({ page }) => {
    await signIn(page);
    await page.goto(from);
    await page.getByRole("link", { name: link, exact: true }).first().click();
    await page.getByRole("heading", { level: 1, name: heading }).waitFor();
    await page.waitForFunction(
      (name) => document.activeElement?.matches("h1") && document.activeElement.textContent === name,
      heading,
    );
  });
}

stage.test(
  "nothing moves for those who want no motion",
  async ({ page }) => {
    await page.addInitScript(() => {
      const shared = /** @type {any} */ (globalThis);
      shared.longestMotion = 0;
      const note = () => {
        for (const { effect, playState } of document.getAnimations()) {
          if (playState !== "running") continue;
          const { duration = 0, iterations = 1 } = effect?.getTiming() ?? {};
          shared.longestMotion = Math.max(shared.longestMotion, Number(duration) * iterations);
        }
      };
      for (const type of ["animationstart", "transitionrun"]) document.addEventListener(type, note, true);
    });
    await signIn(page);
    await solve(page, "digital-root", "python");
    await page.getByRole("button", { name: "Hide the task" }).hover();
    assert.ok((await page.evaluate(() => /** @type {any} */ (globalThis).longestMotion)) < 1);
  },
  { reducedMotion: "reduce" },
);

/**
 * What stands out over the right edge.
 * @param {Page} page
 */
function tooWide(page) {
  return page.evaluate(() =>
    Array.from(document.querySelectorAll("body *"))
      .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
      .map((element) => element.outerHTML.slice(0, 80))
      .slice(0, 3)
      .join(" | "),
  );
}
