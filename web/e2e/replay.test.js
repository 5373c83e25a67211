/** Watching a session again: playing, seeking, judging as of a moment, taking a moment back, keeping it as a file. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { codeOf, editor, newName, results, signIn } from "./support/act.js";
import { Findings } from "./support/accessibility.js";
import { DESKTOP, PHONE, Stage } from "./support/stage.js";

/** @typedef {import("playwright-core").Page} Page */

const stage = new Stage();

const WRONG = "def digital_root(n):\n    return 5";
const RIGHT = "def digital_root(n):\n    return 1 + (n - 1) % 9 if n else 0";
const TITLE = "Digits together";

stage.test("two people write, and what they did can be watched", async ({ page, watch }) => {
  const { id, ada } = await recorded(page);
  await openReplay(page, id);

  // Step by step.
  await page.keyboard.press("Home");
  await shows(page, "");
  await page.keyboard.press("ArrowRight");
  const starter = (await code(page)).trimEnd();
  assert.match(starter, /^def digital_root/);
  const slider = page.getByRole("slider", { name: "Time" });
  await page.keyboard.press("End");
  await shows(page, `# Ben was here\n${RIGHT}`);
  assert.match((await slider.getAttribute("aria-valuetext")) ?? "", /^(.+) of \1, step (\d+) of \2$/);
  await page.keyboard.press("ArrowLeft");
  assert.notEqual(await code(page), `# Ben was here\n${RIGHT}`);

  // What was said leads to where it was said.
  const events = page.getByRole("group", { name: "Chat and events" });
  await events.getByText("Is it always five?").waitFor();
  await events.getByRole("button", { name: "says" }).click();
  await shows(page, WRONG);
  await page.keyboard.press("Shift+ArrowLeft");
  await page.keyboard.press("Shift+ArrowRight");
  await shows(page, WRONG);

  // The run of then, and the judge of now.
  await page.keyboard.press("r");
  await page.getByRole("button", { name: "Show the results" }).click();
  await results(page)
    .getByText(new RegExp(`^Run by ${ada} at `))
    .waitFor();
  await results(page).getByText("Wrong answer", { exact: true }).first().waitFor();
  await page.keyboard.press("End");
  await page.getByRole("button", { name: "Judge here" }).click();
  await results(page)
    .getByText(/^Judged here/)
    .waitFor();
  await results(page).getByText("Accepted", { exact: true }).first().waitFor();
  await page.keyboard.press("Shift+R");
  await results(page)
    .getByText(/^Run by/)
    .waitFor();
  await page.keyboard.press("End");
  await results(page)
    .getByText(/^Judged here/)
    .waitFor();

  // From the beginning to the end, fast.
  await page.keyboard.press("Home");
  await page.keyboard.press("5");
  await page.getByRole("button", { name: "16×", pressed: true }).waitFor();
  await page.getByRole("heading", { level: 1 }).focus();
  await page.keyboard.press("Space");
  await page.getByRole("button", { name: "Pause", exact: true }).waitFor();
  await page.getByRole("button", { name: "Play", exact: true }).waitFor();
  await shows(page, `# Ben was here\n${RIGHT}`);

  // Anywhere on the time line.
  const lane = await page.getByRole("group", { name: "Time line" }).locator("svg.lane").first().boundingBox();
  assert.ok(lane);
  await page.mouse.click(lane.x + 1, lane.y + 5);
  assert.ok(Number(await slider.inputValue()) < 1000);

  // Who wrote what.
  await page.keyboard.press("End");
  await page.keyboard.press("a");
  await page.getByRole("list", { name: "Who wrote the text" }).getByText(ada).waitFor();
  assert.equal(await page.locator(".cm-author").first().textContent(), "# Ben was here");
  await page.getByRole("tab", { name: "People" }).click();
  await page.getByRole("region", { name: "Balance" }).getByText("Still there").first().waitFor();
  watch.assertClean();
});

stage.test("who had the keyboard is told, and what came in at once", async ({ page }) => {
  const ada = await signIn(page);
  const { id } = await api(page, "POST", "/api/sessions", { policy: "driver" });
  await page.goto(`/sessions/${id}`);
  const pasted = `# ${"from somewhere else ".repeat(5)}`.trim();
  await (await editor(page)).focus();
  await page.keyboard.insertText(pasted);
  await written(page, pasted);
  let ben = "";
  await stage.scene(async ({ page: other }) => {
    ben = await signIn(other, newName("Ben"));
    await other.goto(`/sessions/${id}`);
    await written(other, pasted);
    const { participants } = await api(page, "GET", `/api/sessions/${id}`);
    const his = participants.find((/** @type {any} */ one) => one.username === ben).user_id;
    await api(page, "PATCH", `/api/sessions/${id}/participants/${his}`, { role: "driver" });
    await other.getByText("You have the keyboard.").waitFor();
    await (await editor(other)).focus();
    await other.keyboard.press("Control+Home");
    await other.keyboard.type("12");
    await written(page, `12${pasted}`);
  });
  await openReplay(page, id);
  await page.keyboard.press("Home");
  await page.getByRole("tab", { name: "People" }).click();
  const drivers = page.getByRole("region", { name: "At the keyboard" }).getByRole("listitem");
  assert.equal(await drivers.count(), 2);
  await drivers.first().getByText(ada).waitFor();
  await drivers.last().getByText(ben).waitFor();
  const region = page.getByRole("region", { name: "Put in at once" });
  await region.getByRole("heading", { name: "Put in at once 1" }).waitFor();
  await region.getByRole("button", { name: `${ada} ${String(pasted.length)} characters` }).click();
  await shows(page, pasted);
});

stage.test("a moment comes back into a session that goes on", async ({ page }) => {
  const { id } = await recorded(page);
  await openReplay(page, id);
  await page.getByText("Goes on, shown up to now").waitFor();
  await page.getByRole("button", { name: "says" }).click();
  await shows(page, WRONG);
  await page.getByRole("button", { name: "Restore" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Restore" }).click();
  await page.waitForURL(`/sessions/${id}`);
  await written(page, WRONG);
  await openReplay(page, id);
  await caughtUp(page, "brings an earlier text back");

  // What happens meanwhile comes when it is asked for.
  await page.keyboard.press("End");
  const before = await page.getByRole("slider", { name: "Time" }).getAttribute("max");
  await api(page, "PATCH", `/api/sessions/${id}`, { title: "Digits apart" });
  await caughtUp(page, "changes the session");
  await page.getByRole("heading", { level: 1, name: "Digits apart" }).waitFor();
  assert.notEqual(await page.getByRole("slider", { name: "Time" }).getAttribute("max"), before);
});

stage.test("a recording goes out as a file and comes back", async ({ page, watch }) => {
  // An ended session cannot be joined, and nonsense cannot be read.
  watch.expect(/status of (404|422)/);
  const { id, ben } = await recorded(page);
  await ended(page, id);
  await page.goto("/sessions");
  await page.getByRole("link", { name: "Replay" }).waitFor();
  await page.goto(`/sessions/${id}`);
  await page.getByRole("link", { name: "Replay" }).click();
  await page.locator(".replay-view[data-loaded='true'] .cm-content").waitFor();
  assert.equal(await page.getByRole("button", { name: "Restore" }).count(), 0);
  const coming = page.waitForEvent("download");
  await page.getByRole("button", { name: "Export as a file" }).click();
  const download = await coming;
  assert.match(download.suggestedFilename(), /^session-.+\.codementor$/);
  const file = join(stage.server.data, "kept.codementor");
  await download.saveAs(file);

  await page.goto("/sessions/import");
  const nonsense = join(stage.server.data, "nonsense.codementor");
  await writeFile(nonsense, "not a recording at all");
  await page.getByLabel("Recording", { exact: true }).setInputFiles(nonsense);
  await page.getByRole("alert").getByText("nonsense.codementor was not imported.").waitFor();
  await page.getByLabel("Recording", { exact: true }).setInputFiles(file);
  await page.getByText("Imported, names as the file says").waitFor();
  assert.notEqual(new URL(page.url()).pathname, `/sessions/${id}/replay`);
  await page.getByRole("group", { name: "Time line" }).getByText(ben).waitFor();
  await page.keyboard.press("End");
  await shows(page, `# Ben was here\n${RIGHT}`);
});

stage.test("a session that is not recorded says so", async ({ page, watch }) => {
  watch.expect(/status of 404/);
  await signIn(page);
  const { id } = await api(page, "POST", "/api/sessions", { challenge_id: "digital-root", recording: false });
  await page.goto(`/sessions/${id}/replay`);
  await page.getByText("There is no recording of this session").waitFor();
  await page.goto("/sessions/nothing-there/replay");
  await page.getByText("This recording is not open to you").waitFor();
});

stage.test("axe finds nothing serious in a replay, light and dark, large and small", async ({ page }) => {
  const { id } = await recorded(page);
  const findings = new Findings();
  for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize(DESKTOP);
    await openReplay(page, id);
    await page.keyboard.press("End");
    await findings.look(page, `a replay, ${colorScheme}`);
    await page.keyboard.press("a");
    await page.getByRole("button", { name: "Show the results" }).click();
    await page.getByRole("tab", { name: "People" }).click();
    await page.getByRole("region", { name: "Balance" }).waitFor();
    await findings.look(page, `authorship, results and people, ${colorScheme}`);
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keys" }).waitFor();
    await findings.look(page, `the keys, ${colorScheme}`);
    await page.keyboard.press("Escape");
    await page.setViewportSize(PHONE);
    for (const pane of ["Code", "Results", "Events", "People"]) {
      await page.getByRole("group", { name: "Pane" }).getByRole("button", { name: pane }).click();
      await findings.look(page, `${pane} on a phone, ${colorScheme}`);
    }
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(width <= PHONE.width, `it is ${width} px wide`);
    await page.setViewportSize(DESKTOP);
    await page.goto("/sessions/import");
    await page.getByRole("button", { name: "Choose a file" }).waitFor();
    await findings.look(page, `the import, ${colorScheme}`);
  }
  findings.assertNone();
});

/**
 * Ada makes a session, writes and runs what is wrong, says something, and mends it; Ben adds a line.
 * @param {Page} page Ada's
 */
async function recorded(page) {
  const ada = await signIn(page);
  const session = await api(page, "POST", "/api/sessions", { challenge_id: "digital-root", title: TITLE });
  const path = `/sessions/${session.id}`;
  await page.goto(path);
  await write(page, WRONG);
  await page.getByLabel("Message", { exact: true }).fill("Is it always five?");
  await page.keyboard.press("Enter");
  await page.getByRole("log").getByText("Is it always five?").waitFor();
  await page.getByRole("toolbar", { name: "Code" }).getByRole("button", { name: "Run" }).click();
  await results(page).getByText("Wrong answer", { exact: true }).first().waitFor();
  await write(page, RIGHT);
  let ben = "";
  await stage.scene(async ({ page: other }) => {
    ben = await signIn(other, newName("Ben"));
    await other.goto(path);
    await written(other, RIGHT);
    await (await editor(other)).focus();
    await other.keyboard.press("Control+Home");
    await other.keyboard.insertText("# Ben was here\n");
    await written(page, `# Ben was here\n${RIGHT}`);
  });
  return { id: session.id, ada, ben };
}

/**
 * Everything anew, as a keyboard would.
 * @param {Page} page
 * @param {string} text
 */
async function write(page, text) {
  await (await editor(page)).focus();
  await page.keyboard.press("Control+a");
  await page.keyboard.press("Delete");
  await page.keyboard.insertText(text);
  await written(page, text);
}

/**
 * Waits until the room's editor shows it.
 * @param {Page} page
 * @param {string} text
 */
async function written(page, text) {
  const content = await editor(page);
  for (const line of text.split("\n"))
    await content.getByText(line.trim(), { exact: true }).first().waitFor();
  assert.equal(await codeOf(page), text);
}

/**
 * @param {Page} page
 * @param {string} id
 */
async function openReplay(page, id) {
  await page.goto(`/sessions/${id}/replay`);
  await page.locator(".replay-view[data-loaded='true'] .cm-content").waitFor();
}

/**
 * The code as of the moment that is shown.
 * @param {Page} page
 */
async function code(page) {
  const lines = page.getByRole("textbox", { name: "Code at this moment" }).locator(".cm-line");
  return (await lines.allTextContents()).join("\n");
}

/**
 * Waits until the player shows exactly this.
 * @param {Page} page
 * @param {string} text
 */
async function shows(page, text) {
  await page.waitForFunction((wanted) => {
    const lines = document.querySelectorAll("[aria-label='Code at this moment'] .cm-line");
    return Array.from(lines, (line) => line.textContent).join("\n") === wanted;
  }, text);
}

/**
 * Loads what happened since until it is among the events: the server may answer for two seconds with what it has just put together.
 * @param {Page} page
 * @param {string} words
 */
async function caughtUp(page, words) {
  const refresh = page.getByRole("button", { name: "Load what happened since" });
  while ((await page.getByText(words).count()) === 0) {
    await Promise.all([page.waitForResponse(/\/replay\?/), refresh.click()]);
  }
}

/**
 * Ends a session as its maker.
 * @param {Page} page
 * @param {string} id
 */
async function ended(page, id) {
  await api(page, "DELETE", `/api/sessions/${id}`);
}

/**
 * What the page itself would ask the server.
 * @param {Page} page
 * @param {string} method
 * @param {string} path
 * @param {unknown} [body]
 */
function api(page, method, path, body) {
  return page.evaluate(
    async ([method, path, body]) => {
      const headers = { "content-type": "application/json" };
      const sent = body === "" ? { method } : { method, headers, body };
      const response = await fetch(path, sent);
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
      const text = await response.text();
      return text === "" ? null : JSON.parse(text);
    },
    /** @type {const} */ ([method, path, body === undefined ? "" : JSON.stringify(body)]),
  );
}
