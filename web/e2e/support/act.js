/** What people do on the page, in their words. */
import { readFile } from "node:fs/promises";

/** @typedef {import("playwright-core").Page} Page */
/** Those that the authors wrote in. @typedef {"python" | "javascript"} Language */

const WORDS = { python: "Python", javascript: "JavaScript", c: "C", rust: "Rust" };
const ENDINGS = { python: "py", javascript: "js" };

let people = 0;

/** A name that nobody has on this server yet. */
export function newName(stem = "Ada") {
  people += 1;
  return `${stem} ${people}`;
}

/**
 * Signs in as a guest and answers once the home of that person stands.
 * @param {Page} page
 */
export async function signIn(page, name = newName()) {
  await page.goto("/signin");
  await page.getByLabel("Your name here").fill(name);
  await page.getByRole("button", { name: "Continue as guest" }).click();
  await page.getByRole("heading", { level: 1, name }).waitFor();
  return name;
}

/**
 * The editor, once it can be written in.
 * @param {Page} page
 */
export async function editor(page) {
  const content = page.getByRole("textbox", { name: "Code editor" });
  await content.waitFor();
  return content;
}

/**
 * Opens a challenge and waits for its editor.
 * @param {Page} page
 * @param {string} id
 */
export async function openChallenge(page, id) {
  await page.goto(`/challenges/${id}`);
  return editor(page);
}

/**
 * Replaces everything in the editor, as a keyboard would.
 * @param {Page} page
 * @param {string} code
 */
export async function typeSolution(page, code) {
  const content = await editor(page);
  await content.focus();
  await page.keyboard.press("Control+a");
  await page.keyboard.press("Delete");
  await page.keyboard.insertText(code);
}

/**
 * The code in the editor. Only for code that fits on the screen: the editor draws no more.
 * @param {Page} page
 */
export async function codeOf(page) {
  const lines = await (await editor(page)).locator(".cm-line").allTextContents();
  return lines.join("\n");
}

/**
 * Waits until the editor shows exactly `code`.
 * @param {Page} page
 * @param {string} code
 */
export async function waitForCode(page, code) {
  await page.waitForFunction((wanted) => {
    const lines = document.querySelectorAll(".cm-content .cm-line");
    return Array.from(lines, (line) => line.textContent).join("\n") === wanted;
  }, code);
}

/**
 * @param {Page} page
 * @param {keyof typeof WORDS} language
 */
export async function chooseLanguage(page, language) {
  await page.getByRole("toolbar", { name: "Code" }).getByLabel("Language").selectOption(WORDS[language]);
}

/**
 * Waits until the draft is written.
 * @param {Page} page
 */
export async function draftKept(page) {
  await page.getByText("Draft kept").waitFor();
}

/**
 * The results pane.
 * @param {Page} page
 */
export function results(page) {
  return page.getByRole("region", { name: "Results", exact: true });
}

/**
 * Hands in what stands in the editor and waits until the verdict is there.
 * @param {Page} page
 * @param {string} [verdict]
 */
export async function submit(page, verdict = "Accepted") {
  await page.getByRole("toolbar", { name: "Code" }).getByRole("button", { name: "Submit" }).click();
  await verdictShown(page, verdict);
}

/**
 * @param {Page} page
 * @param {string} [verdict]
 */
export async function run(page, verdict = "Accepted") {
  await page.getByRole("toolbar", { name: "Code" }).getByRole("button", { name: "Run" }).click();
  await verdictShown(page, verdict);
}

/**
 * The verdict over the tests, beside how many passed.
 * @param {Page} page
 * @param {string} verdict
 */
export async function verdictShown(page, verdict) {
  await results(page)
    .getByText(/^\d+ of \d+ (shown )?tests? passed$/)
    .waitFor();
  await results(page).getByText(verdict, { exact: true }).first().waitFor();
}

/**
 * Solves a challenge with the solution that its authors wrote.
 * @param {Page} page
 * @param {string} id
 * @param {Language} language
 */
export async function solve(page, id, language) {
  await openChallenge(page, id);
  await chooseLanguage(page, language);
  await typeSolution(page, await reference(id, language));
  await submit(page);
}

/**
 * @param {string} id
 * @param {Language} language
 */
export async function reference(id, language) {
  const path = `../../../crates/catalog/challenges/${id}/${language}/reference.${ENDINGS[language]}`;
  return (await readFile(new URL(path, import.meta.url), "utf8")).trimEnd();
}
