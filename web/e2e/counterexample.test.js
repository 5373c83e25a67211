/** After a failed submission: a small input on which the answer differs, and how two long answers are compared. */
import assert from "node:assert/strict";
import { openChallenge, results, run, signIn, submit, typeSolution } from "./support/act.js";
import { PHONE, Stage } from "./support/stage.js";

const stage = new Stage();

/** A search lets everybody else go first, and this machine is busy. */
const SEARCH = { timeout: 90_000 };

/** Takes the lowest number for the second largest different one. */
const LOWEST = "def second_largest(values):\n    return min(values) if len(set(values)) > 1 else None";

/** @param {import("playwright-core").Page} page */
function card(page) {
  return results(page).getByRole("region", { name: "A small input" });
}

/** @param {import("playwright-core").Page} page */
async function top(page) {
  const box = await results(page).getByRole("list", { name: "Tests" }).boundingBox();
  return box?.y;
}

stage.test("it comes after the verdict, moves nothing, and can be tried", async ({ page }) => {
  await signIn(page);
  await openChallenge(page, "second-largest");
  await typeSolution(page, LOWEST);
  await submit(page, "Wrong answer");
  await card(page).waitFor();
  const before = await top(page);
  const line = card(page).getByRole("button", { name: /A small input on which your/ });
  await line.waitFor(SEARCH);
  assert.equal(await top(page), before, "the list of tests stays where it was");
  assert.equal(await line.getAttribute("aria-expanded"), "false");
  await line.click();
  const input = await card(page).getByRole("group", { name: "Input" }).textContent();
  const expected = await card(page).getByRole("group", { name: "Expected" }).textContent();
  const actual = await card(page).getByRole("group", { name: "Actual" }).textContent();
  assert.ok(input && input.length < 20, `${input} is small`);
  assert.notEqual(expected, actual);

  await card(page).getByRole("button", { name: "Try it" }).click();
  await results(page).getByText("Ran to its end", { exact: true }).waitFor();
  assert.equal(await results(page).getByLabel("values int[]").inputValue(), input?.replaceAll(", ", ","));
  assert.equal(await results(page).getByRole("group", { name: "Returned" }).textContent(), actual);
});

stage.test("a submission of the past still has it, and its input can be copied", async ({ page }) => {
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await signIn(page);
  await openChallenge(page, "second-largest");
  await typeSolution(page, LOWEST);
  await submit(page, "Wrong answer");
  await card(page)
    .getByRole("button", { name: /A small input on which your/ })
    .waitFor(SEARCH);
  await page.reload();
  await page.getByRole("tab", { name: "Submissions" }).click();
  await page.getByRole("button", { name: "Show result" }).click();
  await card(page)
    .getByRole("button", { name: /A small input/ })
    .click();
  const input = await card(page).getByRole("group", { name: "Input" }).textContent();
  assert.match(input ?? "", /^\[-?\d+(, -?\d+){2,3}\]$/, "three or four numbers");
  await card(page).getByRole("button", { name: "Copy input" }).click();
  await card(page).getByRole("button", { name: "Copied" }).waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), input);
});

stage.test(
  "on a phone it is one line until it is opened",
  async ({ page }) => {
    await signIn(page);
    await page.goto("/challenges/second-largest");
    const panes = page.getByRole("group", { name: "Pane" });
    await page.getByRole("heading", { level: 1, name: "Second best jump" }).waitFor();
    await panes.getByRole("button", { name: "Code" }).click();
    await typeSolution(page, LOWEST);
    await page.getByRole("region", { name: "Task", exact: true }).waitFor({ state: "hidden" });
    await page.getByRole("button", { name: "Submit" }).click();
    const line = card(page).getByRole("button", { name: /A small input on which your/ });
    await line.waitFor(SEARCH);
    const box = await line.boundingBox();
    assert.ok(box && box.height >= 40 && box.height < 60 && box.x + box.width <= 390, JSON.stringify(box));
  },
  { viewport: PHONE, hasTouch: true, isMobile: true },
);

stage.test("long lists are compared element by element, texts line by line", async ({ page }) => {
  await signIn(page);
  await openChallenge(page, "spiral-matrix");
  await typeSolution(page, "def spiral_matrix(grid):\n    return [n for row in grid for n in row]");
  await run(page, "Wrong answer");
  const elements = results(page).getByRole("group", { name: "Differences by element" });
  await elements.waitFor();
  assert.ok((await elements.locator("tr.changed").count()) > 0);
  assert.ok((await elements.locator("mark").count()) > 0, "what differs is marked");

  await openChallenge(page, "sum-the-lines");
  await typeSolution(
    page,
    "import sys\nlines = sys.stdin.read().split('\\n')[1:]\nfor line in lines: print(sum(map(int, line.split())), '')\nprint('total')",
  );
  await run(page, "Wrong answer");
  const lines = results(page).getByRole("group", { name: "Differences by line" });
  await lines.waitFor();
  assert.match((await lines.textContent()) ?? "", /·/, "white space that differs is visible");
});
