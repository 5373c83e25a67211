import { expect, test } from "vitest";
import { apply, changes, clashes, isEmpty } from "./changes";

const base = { a: "1", b: "2", c: "3" };

test("changes lead from one set to the other", () => {
  for (const to of [base, {}, { a: "1", b: "x", d: "4" }]) {
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
