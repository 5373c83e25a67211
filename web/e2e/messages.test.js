/** Short messages at the edge: they lie on nothing that one would want to use meanwhile, and wait for whoever is at them. */
import assert from "node:assert/strict";
import { newName, signIn } from "./support/act.js";
import { enter, newSession } from "./support/session.js";
import { PHONE, Stage } from "./support/stage.js";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {import("playwright-core").Locator} Locator */

const stage = new Stage();

stage.test("a message covers neither the line in which people chat nor a bar", async ({ page }) => {
  await signIn(page);
  const link = await newSession(page);
  await stage.scene(async ({ page: other }) => {
    const ben = await signIn(other, newName("Ben"));
    await enter(other, link);
    const message = page.getByRole("status", { name: "News" });
    await message.getByText(`${ben} is here.`).waitFor();
    // It stays for as long as somebody is at it, so it is there for all that follows.
    await message.getByRole("button", { name: "Dismiss" }).focus();
    const field = page.getByLabel("Message", { exact: true });
    await apart(message, field);
    await page.setViewportSize(PHONE);
    const panes = page.getByRole("group", { name: "Pane" });
    await apart(message, panes);
    await panes.getByRole("button", { name: "People" }).click();
    await field.waitFor();
    await apart(message, field);
    await apart(message, panes);
  });
});

/**
 * Waits until neither lies on the other: what makes room is measured after it is drawn.
 * @param {Locator} one
 * @param {Locator} other
 */
async function apart(one, other) {
  const [first, second] = await Promise.all([one.elementHandle(), other.elementHandle()]);
  assert.ok(first && second);
  await one.page().waitForFunction(([one, other]) => {
    const [a, b] = [one.getBoundingClientRect(), other.getBoundingClientRect()];
    return a.bottom <= b.top || b.bottom <= a.top || a.right <= b.left || b.right <= a.left;
  }, /** @type {const} */ ([first, second]));
}
