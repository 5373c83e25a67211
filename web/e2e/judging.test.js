/** What the workspace says about code that is not right yet. */
import assert from "node:assert/strict";
import { openChallenge, results, run, signIn, submit, typeSolution, verdictShown } from "./support/act.js";
import { Stage } from "./support/stage.js";

const stage = new Stage();

stage.test("a wrong answer stands beside the expected one", async ({ page }) => {
  await signIn(page);
  await openChallenge(page, "digital-root");
  await typeSolution(page, "def digital_root(n):\n    return n % 9");
  await submit(page, "Wrong answer");
  const detail = results(page).getByRole("region", { name: /^Test: / });
  await detail.getByText("Wrong answer").waitFor();

  await typeSolution(page, "def digital_root(n):\n    return 5");
  await run(page, "Wrong answer");
  const test = results(page).getByRole("region", { name: "Test: two rounds" });
  const expected = test.getByRole("group", { name: "Expected" });
  const actual = test.getByRole("group", { name: "Actual" });
  assert.equal(await expected.textContent(), "2");
  assert.equal(await actual.textContent(), "5");
  assert.equal(await actual.locator("mark").textContent(), "5", "the difference is marked");
  const [left, right] = [await expected.boundingBox(), await actual.boundingBox()];
  assert.ok(
    left && right && left.x + left.width <= right.x && Math.abs(left.y - right.y) < 2,
    "side by side",
  );
});

stage.test("a runtime error shows its message", async ({ page }) => {
  await signIn(page);
  await openChallenge(page, "digital-root");
  await typeSolution(page, 'def digital_root(n):\n    raise ValueError("a broken pot")');
  await run(page, "Runtime error");
  await results(page).getByText("The program stopped with an error.").first().waitFor();
  await results(page).getByText("a broken pot").first().waitFor();
});

stage.test("a compile error names the place", async ({ page }) => {
  await signIn(page);
  await openChallenge(page, "digital-root");
  await typeSolution(page, "def digital_root(n):\n    return (n");
  await submit(page, "Compile error");
  await results(page)
    .getByRole("group", { name: "Message" })
    .getByText(/line 2/)
    .waitFor();
});

stage.test("what a program prints is shown beside its answer", async ({ page }) => {
  await signIn(page);
  await openChallenge(page, "digital-root");
  await typeSolution(page, 'def digital_root(n):\n    print("looking at", n)\n    return 2');
  await run(page, "Wrong answer");
  await results(page)
    .getByRole("button", { name: /two rounds/ })
    .click();
  await results(page).getByRole("group", { name: "Printed (stdout)" }).getByText("looking at 38").waitFor();
});

stage.test("a run of a function with an own input", async ({ page }) => {
  await signIn(page);
  await openChallenge(page, "digital-root");
  await typeSolution(page, "def digital_root(n):\n    return n + 1");
  await results(page).getByRole("tab", { name: "Own input" }).click();
  await results(page).getByLabel("n int").fill("41");
  await results(page).getByRole("button", { name: "Run with this input" }).click();
  await results(page).getByText("Ran to its end", { exact: true }).waitFor();
  assert.equal(await results(page).getByRole("group", { name: "Returned" }).textContent(), "42");
});

stage.test("an own input that does not fit is not sent", async ({ page, watch }) => {
  await signIn(page);
  await openChallenge(page, "digital-root");
  await results(page).getByRole("tab", { name: "Own input" }).click();
  const field = results(page).getByLabel("n int");
  for (const [value, problem] of [
    ["", "Enter a whole number such as 7."],
    ['"many"', "This is text, and a whole number is needed."],
    ["2.5", "This is a number with decimals, and a whole number is needed."],
    ["seven", "This is not valid JSON. Enter a whole number such as 7."],
  ]) {
    await field.fill(value);
    await results(page).getByRole("button", { name: "Run with this input" }).click();
    await results(page).getByRole("alert").getByText(problem).waitFor();
    assert.equal(await field.getAttribute("aria-invalid"), "true");
  }
  assert.ok(!watch.requests.some((url) => url.endsWith("/run")), "nothing was sent");
  await field.fill("7");
  await results(page).getByRole("alert").waitFor({ state: "detached" });
});

stage.test("a run of a program with an own standard input", async ({ page }) => {
  await signIn(page);
  await openChallenge(page, "sum-the-lines");
  await typeSolution(page, "import sys\nprint(sys.stdin.read().strip()[::-1])");
  await results(page).getByRole("tab", { name: "Own input" }).click();
  await results(page).getByLabel("Standard input").fill("desserts");
  await results(page).getByRole("button", { name: "Run with this input" }).click();
  await results(page).getByText("Ran to its end", { exact: true }).waitFor();
  assert.match(
    (await results(page).getByRole("group", { name: "Output" }).textContent()) ?? "",
    /^stressed\n?$/,
  );
});

stage.test("an example becomes an own input by one click", async ({ page }) => {
  await signIn(page);
  await openChallenge(page, "pair-sum");
  await page.getByRole("button", { name: "Try it: a voucher" }).click();
  assert.equal(await results(page).getByLabel("numbers int[]").inputValue(), "[-3,8,2,12]");
  assert.equal(await results(page).getByLabel("target int").inputValue(), "9");
});

stage.test("a past submission is shown and its code restored", async ({ page }) => {
  await signIn(page);
  await openChallenge(page, "digital-root");
  const first = "def digital_root(n):\n    return 5";
  await typeSolution(page, first);
  await submit(page, "Wrong answer");
  await typeSolution(page, "# something else");

  await page.getByRole("tab", { name: "Submissions" }).click();
  const entry = page.getByRole("list", { name: "Submissions" }).getByRole("listitem");
  await entry.getByText("Wrong answer").waitFor();
  await entry.getByRole("button", { name: "Restore code" }).click();
  await page.getByRole("textbox", { name: "Code editor" }).getByText("return 5").waitFor();
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByRole("textbox", { name: "Code editor" }).getByText("# something else").waitFor();

  await page.reload();
  await page.getByRole("tab", { name: "Submissions" }).click();
  await page.getByRole("button", { name: "Show result" }).click();
  await verdictShown(page, "Wrong answer");
});
