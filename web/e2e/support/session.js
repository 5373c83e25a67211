/** What people do in a live session, in their words. */
import { editor } from "./act.js";

/** @typedef {import("playwright-core").Page} Page */

/**
 * Makes a session and answers its link, once it can be written in.
 * @param {Page} page
 * @param {{ challenge?: string, title?: string, driverOnly?: boolean, unrecorded?: boolean }} [wishes]
 */
export async function newSession(page, { challenge, title, driverOnly, unrecorded } = {}) {
  await page.goto("/sessions");
  await page.getByRole("button", { name: "New session" }).first().click();
  const dialog = page.getByRole("dialog", { name: "New session" });
  if (challenge) {
    await dialog.getByRole("combobox", { name: "Challenge" }).fill(challenge);
    await dialog.getByRole("option", { name: challenge }).click();
  }
  if (title) await dialog.getByLabel("Title").fill(title);
  if (driverOnly) await dialog.getByLabel("Only the driver").check();
  if (unrecorded) await dialog.getByLabel("Record this session").uncheck();
  await dialog.getByRole("button", { name: "Begin" }).click();
  const sharing = page.getByRole("dialog", { name: "Invite" });
  const link = await sharing.getByLabel("Plain link").inputValue();
  await page.keyboard.press("Escape");
  await live(page);
  return link;
}

/**
 * Opens a link and waits until the text is there.
 * @param {Page} page
 * @param {string} link
 */
export async function enter(page, link) {
  await page.goto(link);
  await live(page);
}

/**
 * Connected, and the text is the session's.
 * @param {Page} page
 */
export async function live(page) {
  await page.locator("[data-state='open'][data-synced='true']").waitFor();
  await editor(page);
}

/**
 * Puts the caret at the end of everything and types there.
 * @param {Page} page
 * @param {string} text
 * @param {"Control+Home" | "Control+End"} [at]
 */
export async function typeAt(page, text, at = "Control+End") {
  await (await editor(page)).focus();
  await page.keyboard.press(at);
  await page.keyboard.type(text);
}

/**
 * Everything in the editor, as far as it fits on the screen.
 * @param {Page} page
 */
export function textOf(page) {
  return page
    .locator(".cm-content .cm-line")
    .allTextContents()
    .then((lines) => lines.join("\n"));
}

/**
 * Waits until two pages show the same text, with these words in it.
 * @param {Page} one
 * @param {Page} other
 * @param {string[]} words
 */
export async function equal(one, other, words) {
  const until = Date.now() + 15_000;
  for (;;) {
    const [first, second] = await Promise.all([textOf(one), textOf(other)]);
    if (first === second && words.every((word) => first.includes(word))) return first;
    if (Date.now() > until) throw new Error(`never equal:\n${first}\n---\n${second}`);
    await one.waitForTimeout(50);
  }
}

/**
 * @param {Page} page
 * @param {string} message
 */
export async function say(page, message) {
  await page.getByLabel("Message", { exact: true }).fill(message);
  await page.keyboard.press("Enter");
  await page.getByLabel("Message", { exact: true }).and(page.locator(":placeholder-shown")).waitFor();
}

/** @param {Page} page */
export const chat = (page) => page.getByRole("log", { name: "Messages" });

/** @param {Page} page */
export const people = (page) => page.getByRole("list", { name: "People", exact: true });

/**
 * Chooses something from the menu of a person.
 * @param {Page} page
 * @param {string} name
 * @param {string} action
 */
export async function act(page, name, action) {
  await page.getByRole("button", { name: `Actions for ${name}` }).click();
  await page.getByRole("menuitem", { name: action }).click();
}

/**
 * Chooses something from the menu of the session.
 * @param {Page} page
 * @param {"menuitem" | "menuitemradio" | "menuitemcheckbox"} role
 * @param {string} name
 */
export async function menu(page, role, name) {
  await page.getByRole("button", { name: "Session", exact: true }).click();
  await page.getByRole(role, { name }).click();
  if (role !== "menuitem") await page.keyboard.press("Escape");
}
