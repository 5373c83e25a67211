import { describe, expect, it } from "vitest";
import { diffRows, type DiffRow, type Fold } from "./diff-rows";

const text = (row: DiffRow | Fold) =>
  "folded" in row
    ? `… ${row.folded}`
    : [row.left ?? "-", row.right ?? "-", row.changed ? "!" : "="].join(" ");

function rows(expected: string, actual: string): string[] {
  return diffRows(expected, actual)?.rows.map(text) ?? [];
}

describe("diffRows", () => {
  it("aligns the elements of lists", () => {
    const list = "[1, 2, 3, 4, 5, 6, 7, 8, 9]";
    expect(rows(list, "[1, 3, 4, 5, 6, 7, 8, 9]").slice(0, 4)).toEqual(["0 0 =", "1 - !", "2 1 =", "3 2 ="]);
    expect(rows(list, "[1, 2, 0, 4, 5, 6, 7, 8, 9]").slice(0, 4)).toEqual([
      "0 0 =",
      "1 1 =",
      "2 2 !",
      "3 3 =",
    ]);
    expect(diffRows(list, "[]")?.unit).toBe("element");
    const words = JSON.stringify(["a".repeat(40), "b".repeat(40)]);
    expect(rows(words, "[]")).toEqual(["0 - !", "1 - !"]);
  });

  it("aligns the lines of texts and folds what is equal", () => {
    const long = Array.from({ length: 9 }, (_, n) => `line ${n}\n`);
    const other = long.with(4, "line  4\n");
    expect(rows(long.join(""), other.join(""))).toEqual([
      "… 2",
      "3 3 =",
      "4 4 =",
      "5 5 !",
      "6 6 =",
      "7 7 =",
      "… 2",
    ]);
  });

  it("shows a missing end of line", () => {
    expect(rows("a\nb\nc\nd\n", "a\nb\nc\nd").at(-1)).toBe("4 4 !");
  });

  it("leaves what is short, or of two kinds, as it is", () => {
    expect(diffRows("[1, 2]", "[2, 1]")).toBeNull();
    expect(diffRows("one line", "another")).toBeNull();
    expect(diffRows("[1, 2, 3, 4]", "null")).toBeNull();
    expect(diffRows("[1, 2, 3, 4… (9000 bytes in all)", "[1, 2, 3, 4]")).toBeNull();
  });
});
