/** The picture in the README: taken anew with CODEMENTOR_SCREENSHOT=1, otherwise only looked for. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { results, signIn, solve } from "./support/act.js";
import { settled } from "./support/accessibility.js";
import { Stage } from "./support/stage.js";

const PICTURE = fileURLToPath(new URL("../../docs/workspace.png", import.meta.url));

if (process.env.CODEMENTOR_SCREENSHOT === "1") {
  const stage = new Stage();
  stage.test(
    "takes the picture of a solved challenge",
    async ({ page }) => {
      await signIn(page, "Grace");
      await solve(page, "balanced-brackets", "python");
      await results(page).getByText("+10 XP").waitFor();
      await page.getByRole("link", { name: /^Level 1\b.*streak of\s+1\s+day/i }).waitFor();
      await page.mouse.move(720, 20);
      await settled(page);
      await page.screenshot({ path: PICTURE, animations: "disabled", caret: "initial" });
    },
    { deviceScaleFactor: 1, reducedMotion: "reduce" },
  );
}

test("the README's picture is there", async () => {
  const picture = await readFile(PICTURE);
  assert.equal(picture.subarray(0, 8).toString("latin1"), "\x89PNG\r\n\x1a\n");
  assert.equal(picture.readUInt32BE(16), 1440, "width");
  assert.equal(picture.readUInt32BE(20), 900, "height");
});
