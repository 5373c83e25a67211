/** Coming in and going out. */
import assert from "node:assert/strict";
import {
  draftKept,
  editor,
  newName,
  openChallenge,
  results,
  signIn,
  typeSolution,
  waitForCode,
} from "./support/act.js";
import { Stage } from "./support/stage.js";

const stage = new Stage();

stage.test("a name that is taken", async ({ page, watch }) => {
  const name = newName("Mary");
  await stage.scene(async ({ page: other }) => void (await signIn(other, name)));
  watch.expect(/status of 409/);
  await page.goto("/signin");
  await page.getByLabel("Your name here").fill(name);
  await page.getByRole("button", { name: "Continue as guest" }).click();
  await page.getByText(`Somebody is already called ${name}. Try another name.`).waitFor();
  const field = page.getByLabel("Your name here");
  assert.equal(await field.getAttribute("aria-invalid"), "true");
  assert.ok(
    await field.evaluate((element) => element === document.activeElement),
    "the field has the focus again",
  );
  await field.fill(`${name} the second`);
  await page.getByRole("button", { name: "Continue as guest" }).click();
  await page.getByRole("heading", { level: 1, name: `${name} the second` }).waitFor();
});

stage.test("names that cannot be", async ({ page, watch }) => {
  await page.goto("/signin");
  const button = page.getByRole("button", { name: "Continue as guest" });
  await button.click();
  await page.getByText("Enter a name; one letter is enough.").waitFor();
  for (const [name, problem] of [
    ["a<b", "“<” cannot be part of a name."],
    ["two  spaces", "Use single spaces only."],
    ["n".repeat(33), "Use at most 32 characters."],
  ]) {
    await page.getByLabel("Your name here").fill(name);
    await button.click();
    await page.getByText(problem).waitFor();
  }
  assert.ok(!watch.requests.some((url) => url.endsWith("/api/auth/guest")), "none of them was sent");
});

for (const name of ["Śrīnivāsa", "花子", "O'Neill-Smith Jr."]) {
  stage.test(`${name} is welcome`, async ({ page }) => void (await signIn(page, name)));
}

stage.test("signing in leads back to where it was asked for", async ({ page }) => {
  const name = newName();
  await page.goto("/challenges?difficulty=hard");
  await page.getByRole("link", { name: "Sign in" }).click();
  await page.getByLabel("Your name here").fill(name);
  await page.keyboard.press("Enter");
  await page.waitForURL("**/challenges?difficulty=hard");
  await page.getByRole("button", { name: `Account of ${name}` }).waitFor();
});

stage.test("no address leads signing in to another site", async ({ page }) => {
  await page.goto("/signin?next=//127.0.0.1:1/evil");
  await page.getByLabel("Your name here").fill(newName());
  await page.keyboard.press("Enter");
  await page.waitForURL((url) => url.href === `${stage.server.url}/`);
});

stage.test("signing out ends the session", async ({ page }) => {
  const name = await signIn(page);
  await page.getByRole("button", { name: `Account of ${name}` }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  const dialog = page.getByRole("dialog", { name: "Sign out?" });
  await dialog.getByText("You are here as a guest").waitFor();
  await dialog.getByRole("button", { name: "Stay" }).click();
  await dialog.waitFor({ state: "hidden" });

  await page.getByRole("button", { name: `Account of ${name}` }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await dialog.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("button", { name: "Start coding" }).waitFor();
  await page.reload();
  await page.getByRole("button", { name: "Start coding" }).waitFor();
});

stage.test("signing out in one tab ends the other, too", async ({ page, watch }) => {
  const name = await signIn(page);
  const other = await page.context().newPage();
  await other.goto("/challenges");
  await other.locator("[data-live='open']").waitFor();
  watch.expect(/status of 401/);
  await page.getByRole("button", { name: `Account of ${name}` }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("button", { name: "Start coding" }).waitFor();
  await other.getByText("Your session has ended.").waitFor();
  await other.getByRole("heading", { level: 1, name: "Sign in" }).waitFor();
  assert.equal(new URL(other.url()).searchParams.get("next"), "/challenges");
});

stage.test("no GitHub where none is set up", async ({ page }) => {
  for (const path of ["/", "/signin"]) {
    await page.goto(path);
    await page.getByLabel("Your name here").waitFor();
    assert.equal(await page.getByText(/GitHub/).count(), 0, path);
  }
});

stage.test(
  "a visitor may look and write, is told to sign in before running, and keeps the draft",
  async ({ page, watch }) => {
    await openChallenge(page, "digital-root");
    await typeSolution(page, "# written by nobody yet");
    await draftKept(page);
    watch.expect(/status of 401/);
    await page.getByRole("toolbar", { name: "Code" }).getByRole("button", { name: "Run" }).click();
    const told = results(page).getByText(/sign in/i);
    await told.first().waitFor();
    await page.getByRole("link", { name: "Sign in" }).first().click();
    await page.getByLabel("Your name here").fill(newName());
    await page.keyboard.press("Enter");
    await page.waitForURL("**/challenges/digital-root");
    await editor(page);
    await waitForCode(page, "# written by nobody yet");
  },
);
