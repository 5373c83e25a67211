/** Signing in with GitHub, at a stand-in that the browser really goes to and comes back from. */
import assert from "node:assert/strict";
import { after } from "node:test";
import {
  draftKept,
  newName,
  openChallenge,
  signIn,
  solve,
  typeSolution,
  waitForCode,
} from "./support/act.js";
import { Findings } from "./support/accessibility.js";
import { GithubStandIn } from "./support/github.js";
import { Stage } from "./support/stage.js";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {import("./support/stage.js").Scene} Scene */

const github = await GithubStandIn.start();
after(() => {
  github.stop();
});
const stage = new Stage(github.settings);

const CANCELLED = "GitHub sign-in was cancelled. Nothing was changed.";
const SILENT = /^GitHub does not answer right now\. Try again in a moment/;
const EXPIRED = "This sign-in took too long or was begun in another window. Try again.";

let accounts = 0;

githubTest("a visitor signs in with GitHub and comes to where they wanted to go", async ({ page }, login) => {
  await page.goto("/challenges?difficulty=hard");
  await page.getByRole("link", { name: "Sign in" }).click();
  await goToGithub(page);
  await consent(page);
  await page.waitForURL(`${stage.server.url}/challenges?difficulty=hard`);
  await page.getByRole("button", { name: `Account of ${login}` }).click();
  await page.getByText("Signed in with GitHub").waitFor();
  await page.keyboard.press("Escape");
  await page.reload();
  await page.getByRole("button", { name: `Account of ${login}` }).waitFor();
});

githubTest("the landing page leads to GitHub, too", async ({ page }, login) => {
  await page.goto("/");
  await goToGithub(page);
  await consent(page);
  await page.getByRole("heading", { level: 1, name: login }).waitFor();
  assert.equal(page.url(), `${stage.server.url}/`, "neither code nor state stay in the address");
});

githubTest(
  "a guest signs in with GitHub and keeps name, XP, solved challenges and drafts",
  async ({ page }) => {
    const name = await signIn(page);
    await solve(page, "digital-root", "python");
    await begin(page, "pair-sum");
    await goToGithubAsGuest(page, name);
    await consent(page);
    await page.getByRole("button", { name: `Account of ${name}` }).click();
    await page.getByText("Signed in with GitHub").waitFor();
    await page.keyboard.press("Escape");
    await everythingIsThere(page);
    await isBegun(page, "pair-sum");
  },
);

githubTest("the work of a guest comes into the account that is there already", async ({ page }, login) => {
  await stage.scene(async ({ page: elsewhere, watch }) => {
    watch.allowVisits(github.url);
    await elsewhere.goto("/signin");
    await goToGithub(elsewhere);
    await consent(elsewhere);
    await elsewhere.getByRole("heading", { level: 1, name: login }).waitFor();
  });
  const name = await signIn(page);
  await solve(page, "digital-root", "python");
  await begin(page, "pair-sum");
  await goToGithubAsGuest(page, name);
  await consent(page);
  await page.getByRole("button", { name: `Account of ${login}` }).waitFor();
  await everythingIsThere(page);
  await isBegun(page, "pair-sum");
});

githubTest("a visitor who cancels at GitHub is told so, and may come in another way", async ({ page }) => {
  await page.goto("/signin");
  await goToGithub(page);
  await cancel(page);
  await told(page, CANCELLED);
  const name = newName();
  await page.getByLabel("Your name here").fill(name);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name }).waitFor();
});

githubTest("a guest who cancels at GitHub is told so, and has lost nothing", async ({ page }) => {
  const name = await signIn(page);
  await solve(page, "digital-root", "python");
  await goToGithubAsGuest(page, name);
  await cancel(page);
  await told(page, CANCELLED);
  await page.getByText(`You are still signed in as ${name}, and your work is kept.`).waitFor();
  await page.getByRole("link", { name: "Continue", exact: true }).click();
  await page.getByRole("heading", { level: 1, name }).waitFor();
  await everythingIsThere(page);
});

for (const asked of /** @type {const} */ (["token", "user"])) {
  githubTest(
    `GitHub answers nonsense (${asked}): the page says so, and a second try works`,
    async ({ page }, login) => {
      await page.goto("/signin");
      await goToGithub(page);
      github.nonsense.add(asked);
      await consent(page);
      await told(page, SILENT);
      github.nonsense.clear();
      await goToGithub(page);
      await consent(page);
      await page.getByRole("heading", { level: 1, name: login }).waitFor();
    },
  );
}

githubTest("an answer of GitHub is worth nothing in another browser", async ({ page }) => {
  await page.goto("/signin");
  await goToGithub(page);
  const stolen = await page.getByRole("link", { name: /^Authorize/ }).getAttribute("href");
  assert.ok(stolen?.startsWith(`${stage.server.url}/`));
  await stage.scene(async ({ page: thief }) => {
    await thief.goto(stolen);
    await told(thief, EXPIRED);
  });
  await consent(page);
  await told(page, EXPIRED);
});

githubTest("axe finds nothing serious where GitHub is offered", async ({ page }) => {
  const findings = new Findings();
  const offer = page.getByRole("link", { name: "Continue with GitHub" });
  for (const path of ["/", "/signin?error=github_denied"]) {
    await page.goto(path);
    await offer.waitFor();
    await findings.look(page, `${path} of a visitor`);
  }
  const name = await signIn(page);
  for (const path of ["/signin?error=github_denied", `/users/${encodeURIComponent(name)}`]) {
    await page.goto(path);
    await offer.waitFor();
    await findings.look(page, `${path} of a guest`);
  }
  findings.assertNone();
});

/**
 * A test in which the browser may go to the stand-in, where an account of its own waits.
 * @param {string} name
 * @param {(scene: Scene, login: string) => Promise<void>} play
 */
function githubTest(name, play) {
  return stage.test(name, async (scene) => {
    accounts += 1;
    github.person = { id: 583_231 + accounts, login: `octocat-the-${accounts}` };
    github.nonsense.clear();
    github.faults = [];
    scene.watch.allowVisits(github.url);
    await play(scene, github.person.login);
    assert.deepEqual(github.faults, [], "the server asked GitHub as it should");
  });
}

/** @param {Page} page */
async function goToGithub(page) {
  await page.getByRole("link", { name: "Continue with GitHub" }).click();
  await page.getByRole("heading", { name: "Authorize CodeMentor" }).waitFor();
}

/**
 * @param {Page} page
 * @param {string} name
 */
async function goToGithubAsGuest(page, name) {
  await page.goto(`/users/${encodeURIComponent(name)}`);
  await goToGithub(page);
}

/** @param {Page} page */
function consent(page) {
  return page.getByRole("link", { name: /^Authorize/ }).click();
}

/** @param {Page} page */
function cancel(page) {
  return page.getByRole("link", { name: "Cancel" }).click();
}

/**
 * @param {Page} page
 * @param {string | RegExp} words
 */
async function told(page, words) {
  await page.getByRole("alert").getByText(words).waitFor();
  await page.getByRole("heading", { level: 1, name: "Sign in" }).waitFor();
}

/**
 * @param {Page} page
 * @param {string} id
 */
async function begin(page, id) {
  await openChallenge(page, id);
  await typeSolution(page, "# half done");
  await draftKept(page);
}

/**
 * @param {Page} page
 * @param {string} id
 */
async function isBegun(page, id) {
  await openChallenge(page, id);
  await waitForCode(page, "# half done");
}

/** What `solve` of one easy challenge leaves, after a reload. @param {Page} page */
async function everythingIsThere(page) {
  await page.goto("/");
  await page
    .getByRole("complementary", { name: "Your progress" })
    .getByText("10 XP", { exact: true })
    .waitFor();
  await page
    .getByRole("list", { name: "Recently solved" })
    .getByRole("link", { name: "Digital root" })
    .waitFor();
  await page.goto("/challenges");
  const row = page.getByRole("list", { name: "Challenges" }).getByRole("listitem");
  await row.filter({ hasText: "Digital root" }).getByText("Solved", { exact: true }).waitFor();
}
