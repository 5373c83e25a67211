import { chooseLanguage, editor, openChallenge, run, signIn, submit, typeSolution } from "./support/act.js";
import { settled } from "./support/accessibility.js";
import { PHONE, Stage } from "./support/stage.js";
const stage = new Stage();
const OUT = "/tmp/w3/shots";
for (const [name, options] of [
  ["light", {}],
  ["dark", { colorScheme: "dark" }],
  ["phone", { viewport: PHONE, hasTouch: true, isMobile: true }],
  ["phone-dark", { viewport: PHONE, hasTouch: true, isMobile: true, colorScheme: "dark" }],
]) {
  stage.test(`shots ${name}`, async ({ page, watch }) => {
    watch.expect(/.*/);
    const shot = async (what) => { await settled(page); await page.screenshot({ path: `${OUT}/${name}-${what}.png` }); };
    const phone = name.startsWith("phone");
    await signIn(page);
    await page.goto("/challenges");
    await page.getByRole("list", { name: "Challenges" }).getByRole("listitem").first().waitFor();
    await shot("list");
    await page.goto("/challenges/window-maximum");
    if (phone) { await page.getByRole("group", { name: "Pane" }).getByRole("button", { name: "Code" }).click(); }
    await editor(page);
    await page.getByLabel("Language").first().focus();
    await chooseLanguage(page, "c");
    await (await editor(page)).getByText("size_t").first().waitFor();
    await shot("c");
    if (!phone) await run(page, "Runtime error").catch(() => {});
    else { await page.getByRole("button", { name: "Run" }).click(); await page.waitForTimeout(4000); }
    await shot("c-run");
    await page.goto("/challenges/digital-root");
    if (phone) { await page.getByRole("group", { name: "Pane" }).getByRole("button", { name: "Code" }).click(); }
    await editor(page);
    await chooseLanguage(page, "rust");
    await (await editor(page)).getByText("pub fn").first().waitFor();
    await shot("rust");
    await typeSolution(page, "pub fn digital_root(n: i64) -> i64 {\n    if n == 0 { 0 } else { 1 + (n - 1) % 9 }\n}");
    if (!phone) await submit(page);
    else { await page.getByRole("button", { name: "Submit" }).click(); await page.waitForTimeout(6000); }
    await shot("rust-submit");
  }, options);
}
