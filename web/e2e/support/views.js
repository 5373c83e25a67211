/** Every view of the page, and how to know that its data has arrived. */
import { signIn, solve } from "./act.js";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {{ name: string, path: (name: string) => string, ready: (page: Page) => Promise<unknown> }} View */

/** SvelteKit's router writes this for an address that it does not know; views.test.js has its own opinion about it. */
export const NOT_FOUND_LOGGED = /Not found: \/nowhere/;

/** @type {View[]} */
export const VISITOR_VIEWS = [
  {
    name: "landing",
    path: () => "/",
    ready: async (page) => {
      await page.getByRole("list", { name: "Easy challenges" }).waitFor();
      await page.getByRole("button", { name: "Start coding" }).waitFor();
    },
  },
  {
    name: "sign-in",
    path: () => "/signin",
    ready: (page) => page.getByRole("button", { name: "Continue as guest" }).waitFor(),
  },
];

/** @type {View[]} */
export const MEMBER_VIEWS = [
  {
    name: "dashboard",
    path: () => "/",
    ready: async (page) => {
      await page.getByRole("list", { name: "Recently solved" }).waitFor();
      await page.getByText(/Next for you|All solved/).waitFor();
      await page.getByText("Today counts already.").waitFor();
    },
  },
  {
    name: "catalogue",
    path: () => "/challenges",
    ready: async (page) => {
      await page.getByRole("list", { name: "Challenges" }).waitFor();
      await page.getByLabel("Topic").getByText("Graphs").waitFor({ state: "attached" });
    },
  },
  {
    name: "workspace",
    path: () => "/challenges/digital-root",
    // On a phone the editor waits behind the task.
    ready: (page) => page.locator("[aria-label='Code editor']").waitFor({ state: "attached" }),
  },
  {
    name: "playground",
    path: () => "/playground",
    ready: async (page) => {
      await page.locator("[aria-label='Code editor']").waitFor({ state: "attached" });
      await page.getByRole("textbox", { name: "Terminal" }).waitFor({ state: "attached" });
    },
  },
  {
    name: "sessions",
    path: () => "/sessions",
    ready: (page) => page.getByText("No session yet").waitFor(),
  },
  {
    name: "leaderboard",
    path: () => "/leaderboard",
    ready: (page) => page.getByRole("table").waitFor(),
  },
  {
    name: "profile",
    path: (name) => `/users/${encodeURIComponent(name)}`,
    ready: (page) => page.getByLabel("Time zone").waitFor(),
  },
  {
    name: "not found",
    path: () => "/nowhere",
    ready: (page) => page.getByRole("heading", { name: "This page does not exist" }).waitFor(),
  },
];

/**
 * Opens each view one after another, first as a visitor, then as somebody who has solved a challenge.
 * @param {Page} page
 * @param {(view: View) => Promise<void>} look
 */
export async function everyView(page, look) {
  for (const view of VISITOR_VIEWS) await open(page, view, "", look);
  const name = await signIn(page);
  await solve(page, "digital-root", "python");
  for (const view of MEMBER_VIEWS) await open(page, view, name, look);
}

/**
 * @param {Page} page
 * @param {View} view
 * @param {string} name
 * @param {(view: View) => Promise<void>} look
 */
async function open(page, view, name, look) {
  await page.goto(view.path(name));
  await view.ready(page);
  await look(view);
}
