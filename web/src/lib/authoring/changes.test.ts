import { expect, test } from "vitest";
import { apply, changes, clashes, isEmpty, type Files } from "./changes";

const base: Files = { a: "1", b: "2", c: "3" };

test("changes lead from one set to the other", () => {
  const others: Files[] = [base, {}, { a: "1", b: "x", d: "4" }];
  for (const to of others) {
    expect(apply(base, changes(base, to))).toEqual(to);
  }
  expect(isEmpty(changes(base, { ...base }))).toBe(true);
});

test("only what both changed in another way clashes", () => {
  const mine = { a: "mine", b: "2", c: "3", d: "new" };
  expect(clashes(base, mine, base)).toEqual([]);
  expect(clashes(base, mine, { ...base, b: "theirs" })).toEqual([]);
  expect(clashes(base, mine, { ...base, a: "mine" })).toEqual([]);
  expect(clashes(base, mine, { b: "2", c: "3", d: "other" })).toEqual(["a", "d"]);
});
