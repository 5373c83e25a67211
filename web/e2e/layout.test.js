/** Nothing jumps while a view loads, however slowly its data comes. */
import assert from "node:assert/strict";
import { signIn, solve } from "./support/act.js";
import { settled } from "./support/accessibility.js";
import { DESKTOP, PHONE, Stage } from "./support/stage.js";
import { MEMBER_VIEWS, VISITOR_VIEWS } from "./support/views.js";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {import("./support/views.js").View} View */

const MOST = 0.02;
/** Long enough for every skeleton to be drawn. */
const SLOW_MS = 300;

const stage = new Stage();
const MEASURED = ["dashboard", "catalogue", "workspace", "leaderboard", "profile"];

for (const [size, viewport] of /** @type {const} */ ([
  ["large", DESKTOP],
  ["small", PHONE],
])) {
  stage.test(
    `the views of a member keep still, ${size}`,
    async ({ page }) => {
      const name = await signIn(page);
      await page.setViewportSize(DESKTOP);
      await solve(page, "digital-root", "python");
      await page.setViewportSize(viewport);
      const found = [];
      for (const view of MEMBER_VIEWS.filter((one) => MEASURED.includes(one.name))) {
        found.push(...(await measure(page, view, name, 0)), ...(await measure(page, view, name, SLOW_MS)));
      }
      assert.deepEqual(found, []);
    },
    { viewport },
  );

  stage.test(
    `the views of a visitor keep still, ${size}`,
    async ({ page }) => {
      const found = [];
      for (const view of VISITOR_VIEWS) {
        found.push(...(await measure(page, view, "", 0)), ...(await measure(page, view, "", SLOW_MS)));
      }
      assert.deepEqual(found, []);
    },
    { viewport },
  );
}

/**
 * What jumped, in words; nothing when the view kept still.
 * @param {Page} page
 * @param {View} view
 * @param {string} name
 * @param {number} delay milliseconds that every answer of the API takes longer
 */
async function measure(page, view, name, delay) {
  await page.route("**/api/**", async (route) => {
    await new Promise((resolve) => setTimeout(resolve, delay));
    await route.continue().catch(() => undefined);
  });
  await page.goto(view.path(name));
  await view.ready(page);
  await settled(page);
  await page.unroute("**/api/**");
  const { sum, sources } = await page.evaluate(shifts);
  return sum > MOST
    ? [`${view.name}, answers ${delay} ms later: ${sum.toFixed(3)} by ${sources.join(" | ")}`]
    : [];
}

/** Runs in the page: all layout shifts that nobody's hand caused. */
function shifts() {
  return new Promise((resolve) => {
    new PerformanceObserver((list) => done(list.getEntries())).observe({
      type: "layout-shift",
      buffered: true,
    });
    // Without a single shift the observer stays silent; two frames later it would have spoken.
    requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done([]))));
    const done = (/** @type {any[]} */ entries) => {
      const own = entries.filter((entry) => !entry.hadRecentInput);
      const name = (/** @type {any} */ { node }) => node?.outerHTML?.slice(0, 60) ?? String(node?.nodeName);
      resolve({
        sum: own.reduce((sum, { value }) => sum + value, 0),
        sources: own.flatMap(({ value, sources }) => `${value.toFixed(3)} ${sources.map(name).join(", ")}`),
      });
    };
  });
}
