import { results, signIn, submit, typeSolution, openChallenge, run } from "./support/act.js";
import { PHONE, Stage } from "./support/stage.js";
const stage = new Stage();
const LOWEST = "def spiral_matrix(grid):\n    return [n for row in grid for n in row]";
for (const [name, options] of [["light", {}], ["dark", { colorScheme: "dark" }], ["phone", { viewport: PHONE, isMobile: true, hasTouch: true }]]) {
  stage.test(name, async ({ page }) => {
    await signIn(page);
    await page.goto("/challenges/spiral-matrix");
    await page.getByRole("heading", { level: 1 }).first().waitFor();
    if (name === "phone") await page.getByRole("group", { name: "Pane" }).getByRole("button", { name: "Code" }).click();
    await typeSolution(page, LOWEST);
    if (name === "phone") await page.getByRole("button", { name: "Submit" }).click(); else await submit(page, "Wrong answer");
    await results(page).getByRole("region", { name: "A small input" }).waitFor();
    await page.screenshot({ path: `/tmp/w4/shot-${name}-1.png` });
    const line = results(page).getByRole("button", { name: /A small input on which/ });
    await line.waitFor({ timeout: 90000 });
    await page.screenshot({ path: `/tmp/w4/shot-${name}-2.png` });
    await line.click();
    await page.waitForTimeout(300);
    await page.screenshot({ path: `/tmp/w4/shot-${name}-3.png` });
  }, options);
}
