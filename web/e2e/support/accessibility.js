/** axe on pages: nothing serious may be found. */
import assert from "node:assert/strict";
import axe from "axe-core";

/** Collects what axe finds in several places, so that one run shows everything. */
export class Findings {
  /** From each finding to the places where it was seen. @type {Map<string, string[]>} */
  #found = new Map();

  /**
   * @param {import("playwright-core").Page} page
   * @param {string} where
   */
  async look(page, where) {
    await settled(page);
    await page.evaluate(axe.source);
    const violations = await page.evaluate(async () => {
      const results = await /** @type {any} */ (globalThis).axe.run(document, { preload: false });
      return /** @type {import("axe-core").Result[]} */ (results.violations);
    });
    const bad = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
    for (const line of bad.flatMap(lines)) this.#found.set(line, [...(this.#found.get(line) ?? []), where]);
  }

  assertNone() {
    const all = Array.from(this.#found, ([line, places]) => `${line} In: ${places.join(", ")}`);
    assert.deepEqual(all, []);
  }
}

/**
 * Colours on their way from one to another say nothing about contrast.
 * @param {import("playwright-core").Page} page
 */
export async function settled(page) {
  await page.evaluate(async () => {
    await document.fonts.ready;
    const finite = document
      .getAnimations()
      .filter(({ effect }) => effect?.getTiming().iterations !== Infinity);
    await Promise.allSettled(finite.map(({ finished }) => finished));
  });
}

/** @param {import("axe-core").Result} violation */
function lines({ id, impact, help, nodes }) {
  return nodes.map(({ target, failureSummary }) => {
    const why = (failureSummary ?? "").split("\n").slice(1).join(" ").trim();
    return `${impact} ${id}: ${help} at ${target.join(" ")} (${why})`;
  });
}
