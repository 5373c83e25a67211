/** Coming into a session, being sent out of it, and coming back by oneself. */
import assert from "node:assert/strict";
import { signIn } from "./support/act.js";
import { live, newSession, textOf, typeAt } from "./support/session.js";
import { Stage } from "./support/stage.js";

const stage = new Stage();

stage.test(
  "an invitation leads through signing in, gives its role, and ends with it",
  async ({ page: ada, watch }) => {
    await signIn(ada);
    await newSession(ada);
    await ada.getByRole("button", { name: "Invite" }).click();
    const dialog = ada.getByRole("dialog", { name: "Invite" });
    await dialog.getByLabel("They come as").selectOption("Viewer");
    await dialog.getByRole("button", { name: "Make an invitation" }).click();
    const link = await dialog.getByLabel("New invitation").inputValue();
    const secret = link.split("#invite=")[1] ?? "";
    assert.ok(secret.length > 20);

    await stage.scene(async ({ page: grace, watch: other }) => {
      other.expect(/Failed to load resource/);
      await grace.goto(link);
      await grace.getByLabel("Your name here").fill("Grace of the link");
      await grace.keyboard.press("Enter");
      await live(grace);
      assert.equal(new URL(grace.url()).hash, "");
      assert.ok(!other.requests.some((url) => url.includes(secret)), "no address carries the secret");
      await grace.getByText("You are watching.").waitFor();

      await dialog.getByRole("button", { name: "Revoke" }).click();
      await ada.getByRole("button", { name: "Revoke" }).last().click();
      await grace.getByText("You are no longer in this session.").waitFor();
      assert.ok(await grace.getByLabel("Message", { exact: true }).isDisabled());
      await grace.reload();
      await grace.getByRole("heading", { name: "This session is not open to you" }).waitFor();
    });
    watch.expect();
  },
);

stage.test("a tab that sends too much is told so, loses nothing, and comes back", async ({ page, watch }) => {
  // The last of what is sent comes after the end.
  watch.expect(/WebSocket is already in CLOSING or CLOSED state/);
  /** @type {import("playwright-core").WebSocketRoute | null} */
  let session = null;
  await page.routeWebSocket(/\/ws\/sessions\//, (route) => {
    session = route.connectToServer();
  });
  await signIn(page);
  await newSession(page);
  for (let n = 0; n < 300; n += 1)
    session?.send(JSON.stringify({ type: "ping", data: {}, id: `flood-${n}` }));
  await page.getByText("Too much came from this tab at once.").waitFor();
  await typeAt(page, "typed meanwhile");
  await live(page);
  await page.locator("[data-banner='too-fast']").waitFor({ state: "detached" });
  await page.reload();
  await live(page);
  assert.equal(await textOf(page), "typed meanwhile");
});
