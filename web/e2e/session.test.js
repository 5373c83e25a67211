/** Writing together, in two browsers: typing, carets, chat, rights, runs, and what a bad network does to all that. */
import assert from "node:assert/strict";
import { editor, openChallenge, reference, results, signIn, typeSolution } from "./support/act.js";
import {
  act,
  chat,
  enter,
  equal,
  live,
  menu,
  newSession,
  people,
  say,
  textOf,
  typeAt,
} from "./support/session.js";
import { Findings } from "./support/accessibility.js";
import { PHONE, Stage } from "./support/stage.js";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {import("./support/watch.js").Watch} Watch */
/** @typedef {{ ada: Page, grace: Page, names: { ada: string, grace: string }, link: string, watches: Watch[] }} Pair */

const stage = new Stage();

/** The browser tells of every socket that was cut or did not come about. */
const CUT = [/WebSocket connection to .* failed/, /net::ERR_/, /status of 50\d/, /Failed to load resource/];

/**
 * Two people in one session, each with a browser of their own.
 * @param {string} name
 * @param {(pair: Pair) => Promise<void>} play
 * @param {Parameters<typeof newSession>[1]} [wishes]
 */
function together(name, play, wishes) {
  stage.test(name, async ({ page: ada, watch }) => {
    const first = await signIn(ada);
    const link = await newSession(ada, wishes);
    await stage.elsewhere(async ({ page: grace, watch: other }) => {
      const second = await signIn(grace);
      await enter(grace, link);
      await people(ada).getByText(second).waitFor();
      await play({ ada, grace, names: { ada: first, grace: second }, link, watches: [watch, other] });
    });
  });
}

together(
  "both type at once and end equal, each with the other's caret and name",
  async ({ ada, grace, names }) => {
    await Promise.all([
      typeAt(ada, "ada writes this line, key by key\n", "Control+Home"),
      typeAt(grace, "grace writes that one, and hers stays whole\n"),
    ]);
    const words = ["ada writes this line, key by key", "grace writes that one, and hers stays whole"];
    await equal(ada, grace, words);
    await ada.locator(".cm-remote-name", { hasText: names.grace }).waitFor();
    await grace.locator(".cm-remote-name", { hasText: names.ada }).waitFor();

    // Undo takes back what was done here, and only that.
    await ada.keyboard.press("Control+z");
    await ada.waitForFunction(
      () => !document.querySelector(".cm-content")?.textContent?.includes("key by key"),
    );
    const left = await equal(ada, grace, ["grace writes that one"]);
    assert.ok(!left.includes("key by key"));
  },
);

together("a selection of the other is seen, and goes with them", async ({ ada, grace, names }) => {
  await typeAt(ada, "one line\nanother line");
  await ada.keyboard.press("Control+a");
  await grace.locator(".cm-remote-selection").first().waitFor();
  await ada.close();
  await grace.locator(".cm-remote-selection").first().waitFor({ state: "detached" });
  await people(grace).getByRole("listitem").filter({ hasText: names.ada }).getByText("away").waitFor();
});

together("what is said is text, whatever it looks like", async ({ ada, grace }) => {
  const evil = '<script>document.title = "taken"</script><img src=x onerror=alert(1)>';
  await grace.getByLabel("Message", { exact: true }).pressSequentially("hm");
  await chat(ada).locator("xpath=following-sibling::p").getByText("is typing").waitFor();
  await say(grace, `${evil} and **bold**\nnext line\n\n\`\`\`\nx < 1\n\`\`\`\n[no](javascript:alert(1))`);
  for (const page of [ada, grace]) {
    await chat(page).getByText(evil).waitFor();
    assert.equal(await chat(page).locator("strong", { hasText: "bold" }).count(), 1);
    assert.equal(await chat(page).locator("pre", { hasText: "x < 1" }).count(), 1);
    assert.equal(await chat(page).locator("script, img, a").count(), 0);
    assert.notEqual(await page.title(), "taken");
  }
  await ada.reload();
  await live(ada);
  await chat(ada).getByText(evil).waitFor();
  await say(ada, "after the reload");
  await chat(grace).getByText("after the reload").waitFor();
});

together("the chat stays at its end as messages grow, and where somebody reads further up", async (pair) => {
  const { ada, grace } = pair;
  const code = "```\n" + "x = 1\n".repeat(12) + "```";
  for (const word of ["first", "second", "third"]) {
    await say(grace, `${code}\n${word}`);
    for (const page of [ada, grace]) await inSight(page, word);
  }
  await chat(ada).getByText("first").scrollIntoViewIfNeeded();
  await say(grace, "something new");
  await chat(ada).getByText("something new").waitFor();
  await inSight(ada, "first");
  await say(ada, "something of one's own");
  await inSight(ada, "something of one's own");
});

together(
  "the tutor answers everybody, and says that it has no model",
  async ({ ada, grace, names }) => {
    await grace.getByLabel("Message", { exact: true }).fill("Where do we begin?");
    await grace.getByRole("button", { name: "Ask the tutor" }).click();
    for (const page of [ada, grace]) {
      await chat(page).getByText("Where do we begin?").waitFor();
      await chat(page).locator("article", { hasText: "Tutor (offline)" }).getByText("Hint 1 of").waitFor();
      assert.equal(await chat(page).getByText(names.grace).count(), 1);
    }
    await ada.reload();
    await live(ada);
    await chat(ada).getByText("Hint 1 of").waitFor();
  },
  { challenge: "Digital root" },
);

together(
  "only the driver writes, at once, and handing over turns that round",
  async ({ ada, grace, names }) => {
    await typeAt(grace, "free ");
    await equal(ada, grace, ["free"]);
    await menu(ada, "menuitemradio", "Only the driver writes");
    await grace.getByText(`${names.ada} has the keyboard.`).first().waitFor();
    const before = await textOf(grace);
    await typeAt(grace, "not taken");
    await grace.keyboard.press("Control+z");
    assert.equal(await textOf(grace), before);

    await grace.getByRole("button", { name: "Ask for the keyboard" }).click();
    const row = people(ada).getByRole("listitem").filter({ hasText: names.grace });
    await row.getByRole("img", { name: "Raised hand" }).waitFor();
    await act(ada, names.grace, "Hand over the keyboard");
    await row.getByText("Driver").waitFor();
    await row.getByRole("img", { name: "Raised hand" }).waitFor({ state: "detached" });
    await typeAt(grace, "and now hers");
    await equal(ada, grace, ["and now hers"]);
    await typeAt(ada, "not ada's");
    assert.ok(!(await textOf(ada)).includes("not ada's"));

    await ada.getByRole("button", { name: "Take the keyboard" }).click();
    await typeAt(ada, " and back");
    await equal(ada, grace, ["and back"]);
  },
  { challenge: "Digital root" },
);

together("what is typed without a network is merged on return", async ({ ada, grace, watches }) => {
  for (const watch of watches) watch.expect(...CUT);
  const session = await grace.context().newCDPSession(grace);
  await cut(grace, session);
  await typeAt(grace, "typed in a tunnel\n");
  await typeAt(ada, "meanwhile outside\n", "Control+Home");
  assert.ok(!(await textOf(ada)).includes("tunnel"));
  await mend(session);
  await live(grace);
  await equal(ada, grace, ["typed in a tunnel", "meanwhile outside"]);
});

together("what is typed without a network survives a reload", async ({ ada, grace, watches }) => {
  for (const watch of watches) watch.expect(...CUT);
  const session = await grace.context().newCDPSession(grace);
  await cut(grace, session);
  await typeAt(grace, "typed before the reload\n");
  await mend(session, { reload: grace });
  await live(grace);
  await equal(ada, grace, ["typed before the reload"]);
});

together("a server that dies and comes back has lost nothing", async ({ ada, grace, watches }) => {
  for (const watch of watches) watch.expect(...CUT);
  await typeAt(ada, "before the end\n");
  await equal(ada, grace, ["before the end"]);
  await say(ada, "still here?");
  await stage.server.kill();
  await grace.getByText("The connection was lost").waitFor();
  await typeAt(grace, "while it was dead\n");
  await stage.server.restart();
  await Promise.all([live(ada), live(grace)]);
  await equal(ada, grace, ["before the end", "while it was dead"]);
  await chat(grace).getByText("still here?").waitFor();
  await typeAt(ada, "and after\n");
  await equal(ada, grace, ["and after"]);
});

together(
  "a run and a submission are everybody's",
  async ({ ada, grace, names }) => {
    await typeSolution(ada, await reference("digital-root", "python"));
    // A submission counts for those who have written in it.
    await typeAt(grace, "\n# with Grace");
    await equal(ada, grace, ["return", "# with Grace"]);
    await grace.keyboard.press("Control+Enter");
    for (const page of [ada, grace]) {
      await results(page).getByText("3 of 3 shown tests passed").waitFor();
      await results(page).getByText(`Run by ${names.grace}`).waitFor();
    }
    await (await editor(ada)).press("Control+Shift+Enter");
    for (const page of [ada, grace]) {
      await results(page).getByText(`Handed in by ${names.ada}`).waitFor();
      const xp = results(page).getByRole("list", { name: "XP" });
      for (const name of Object.values(names)) await xp.getByText(name).getByText("+10 XP").waitFor();
    }
    // Who comes back sees what came out.
    await grace.reload();
    await results(grace).getByText(`Handed in by ${names.ada}`).waitFor();
    await results(grace).getByText("Accepted", { exact: true }).first().waitFor();
  },
  { challenge: "Digital root" },
);

stage.test("free code runs with what the one who runs it gives it to read", async ({ page }) => {
  await signIn(page);
  await newSession(page, { title: "Scratch", unrecorded: true });
  await page.getByRole("heading", { level: 1, name: "Scratch" }).waitFor();
  await page.getByText("Not recorded", { exact: true }).waitFor();
  await typeAt(page, "print(input()[::-1])");
  await results(page).getByLabel("Standard input").fill("desserts");
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await results(page).getByText("stressed").waitFor();
});

together("ending a session ends it for everybody", async ({ ada, grace, names, link, watches }) => {
  for (const watch of watches) watch.expect(/Failed to load resource/);
  await menu(ada, "menuitem", "End the session");
  await ada.getByRole("button", { name: "End for everybody" }).click();
  await grace.getByText(`${names.ada} has ended this session.`).waitFor();
  await typeAt(grace, "too late");
  assert.ok(!(await textOf(grace)).includes("too late"));
  await grace.goto(link);
  await grace.getByRole("heading", { name: "Who took part" }).waitFor();
  await grace.goto("/sessions");
  await grace.getByRole("list", { name: "Ended" }).getByRole("listitem").waitFor();
});

for (const colorScheme of /** @type {const} */ (["light", "dark"])) {
  together(
    `axe finds nothing serious in a session, ${colorScheme}, large and small`,
    async ({ ada, grace, names }) => {
      const findings = new Findings();
      for (const page of [ada, grace]) await page.emulateMedia({ colorScheme });
      await say(grace, "What about `divmod`?");
      await typeAt(ada, "# hello");
      await ada.keyboard.press("Shift+Home");
      await grace.getByRole("button", { name: "Raise your hand" }).click();
      await grace.getByRole("button", { name: `Follow ${names.ada}` }).click();
      await menu(ada, "menuitemradio", "25 minutes");
      await grace
        .getByRole("timer")
        .getByText(/^(25:00|24:5\d)$/)
        .waitFor();
      await people(ada).getByText("follows you").waitFor();
      await findings.look(grace, "the room");
      await menu(ada, "menuitemradio", "Only the driver writes");
      await grace.getByRole("button", { name: "Lower your hand" }).last().waitFor();
      await findings.look(grace, "the room of somebody who may not write");
      await ada.getByRole("button", { name: `Actions for ${names.grace}` }).click();
      await ada.getByRole("menuitem", { name: "Send out" }).waitFor();
      await findings.look(ada, "what one may do to somebody");
      await ada.keyboard.press("Escape");
      await ada.getByRole("button", { name: "Invite" }).click();
      await ada.getByRole("button", { name: "Make an invitation" }).click();
      await ada.getByLabel("New invitation").waitFor();
      await findings.look(ada, "the ways in");
      await grace.setViewportSize(PHONE);
      for (const pane of ["Task", "Code", "Results", "People"]) {
        await grace.getByRole("group", { name: "Pane" }).getByRole("button", { name: pane }).click();
        await findings.look(grace, `${pane} on a phone`);
      }
      findings.assertNone();
    },
    { challenge: "Digital root" },
  );
}

together("following goes where the other is, until one goes one's own way", async ({ ada, grace, names }) => {
  await typeSolution(ada, Array.from({ length: 200 }, (_, n) => `line ${n + 1}`).join("\n"));
  await grace.getByText("line 1", { exact: true }).waitFor();
  await grace.getByRole("button", { name: `Follow ${names.ada}` }).click();
  await typeAt(ada, " is the last");
  await grace.getByText("line 200 is the last").waitFor();
  await typeAt(ada, "first of all, ", "Control+Home");
  await grace.getByText("first of all, line 1").waitFor();
  await grace.locator(".cm-scroller").hover();
  await grace.mouse.wheel(0, 400);
  await grace.getByRole("button", { name: `Following ${names.ada}: stop` }).waitFor({ state: "detached" });
});

together("somebody who is sent out is out at once", async ({ ada, grace, names }) => {
  await act(ada, names.grace, "Send out");
  await ada.getByRole("dialog").getByRole("button", { name: "Send out" }).click();
  await grace.getByText("You are no longer in this session.").waitFor();
  await typeAt(grace, "not any more");
  assert.equal(await textOf(grace), await textOf(ada));
});

stage.test("a challenge goes into a session with the code that is written", async ({ page }) => {
  await signIn(page);
  await openChallenge(page, "digital-root");
  await typeSolution(page, "# brought along");
  await page.getByRole("button", { name: "Pair on this" }).click();
  await page.waitForURL("**/sessions/*");
  await page.getByRole("dialog", { name: "Invite" }).waitFor();
  await page.keyboard.press("Escape");
  await live(page);
  assert.equal(await textOf(page), "# brought along");
  await page.getByRole("region", { name: "Task" }).getByRole("heading", { name: "Digital root" }).waitFor();
});

/**
 * Cuts the network off, sockets that are open included.
 * @param {Page} page
 * @param {import("playwright-core").CDPSession} session
 */
async function cut(page, session) {
  await session.send("Network.enable");
  await session.send("Network.emulateNetworkConditions", {
    offline: true,
    latency: 0,
    downloadThroughput: 0,
    uploadThroughput: 0,
  });
  await page.locator("[data-state='offline']").waitFor();
}

/**
 * Brings the network back, or only a new page over it.
 * @param {import("playwright-core").CDPSession} session
 * @param {{ reload?: Page }} [how]
 */
async function mend(session, { reload } = {}) {
  const back = session.send("Network.emulateNetworkConditions", {
    offline: false,
    latency: 0,
    downloadThroughput: -1,
    uploadThroughput: -1,
  });
  await back;
  await reload?.reload();
}

/**
 * Waits until somebody sees a message whole.
 * @param {Page} page
 * @param {string} words
 */
async function inSight(page, words) {
  const message = await chat(page).getByText(words, { exact: true }).elementHandle();
  await page.waitForFunction((element) => {
    const log = element?.closest("[role='log']")?.getBoundingClientRect();
    const box = element?.getBoundingClientRect();
    return log !== undefined && box !== undefined && box.top >= log.top && box.bottom <= log.bottom;
  }, message);
}
