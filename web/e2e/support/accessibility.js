/** axe on a page: nothing serious may be found. */
import assert from "node:assert/strict";
import axe from "axe-core";

/**
 * @param {import("playwright-core").Page} page
 * @param {string} where
 */
export async function assertAccessible(page, where) {
  await settled(page);
  await page.evaluate(axe.source);
  const found = await page.evaluate(async () => {
    const { violations } = await /** @type {any} */ (globalThis).axe.run(document, { preload: false });
    return violations;
  });
  const bad = found.filter(({ impact }) => impact === "serious" || impact === "critical").flatMap(lines);
  assert.deepEqual(bad, [], where);
}

/**
 * Colours on their way from one to another say nothing about contrast.
 * @param {import("playwright-core").Page} page
 */
export async function settled(page) {
  await page.evaluate(async () => {
    await document.fonts.ready;
    const finite = document.getAnimations().filter(({ effect }) => effect?.getTiming().iterations !== Infinity);
    await Promise.allSettled(finite.map(({ finished }) => finished));
  });
}

/** @param {{ id: string, impact: string, help: string, nodes: { target: string[], failureSummary: string }[] }} violation */
function lines({ id, impact, help, nodes }) {
  return nodes.map(({ target, failureSummary }) => {
    const why = failureSummary.split("\n").slice(1).join(" ").trim();
    return `${impact} ${id}: ${help} at ${target.join(" ")} (${why})`;
  });
}
