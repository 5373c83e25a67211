/** A text that is as long as it may be: everybody knows, nobody's typing is lost, and deleting helps. */
import assert from "node:assert/strict";
import { editor, signIn } from "./support/act.js";
import { enter, textOf, typeAt } from "./support/session.js";
import { Stage } from "./support/stage.js";
import { Api, Participant, until } from "./support/yjs.js";

const stage = new Stage();

/** The longest text, in UTF-16 units. */
const MOST = 1 << 20;
const LINE = `${"x".repeat(99)}\n`;

stage.test(
  "where no more fits the page says so, takes nothing in, and goes on after a deletion",
  async ({ page }) => {
    const api = new Api(() => stage.server.url);
    const ada = await api.guest("Ada");
    const session = await api.session(ada);
    const writer = await new Participant(api, session, "newest", { token: ada.token }).synced();
    await signIn(page);
    await enter(page, `/sessions/${session}`);

    const text = LINE.repeat(Math.floor((MOST - 200) / LINE.length));
    const half = text.length / 2;
    writer.text.insert(0, text.slice(0, half));
    writer.text.insert(half, text.slice(half));
    const banner = page.locator("[data-banner='full-text']");
    await banner.getByText("The text is as long as it may be").waitFor();

    await typeAt(page, "not any more", "Control+Home");
    assert.ok(!(await textOf(page)).includes("not any more"));
    // Deleting goes on, here and elsewhere.
    await (await editor(page)).press("Delete");
    await until(() => writer.text.length === text.length - 1, "one unit is deleted everywhere");
    writer.text.delete(0, 50 * LINE.length);
    await banner.waitFor({ state: "detached" });
    await typeAt(page, "and on we go ", "Control+Home");
    await until(() => writer.text.toString().startsWith("and on we go "), "what was typed is everywhere");
    assert.deepEqual(writer.closes, []);
    writer.leave();
  },
);
