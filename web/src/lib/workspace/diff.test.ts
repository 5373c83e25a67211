import { describe, expect, it } from "vitest";
import { diff, tokens, type Part } from "./diff";
import { showControl, showWhiteSpace } from "./visible";

const text = (parts: Part[]) => parts.map((part) => part.text).join("");
const changed = (parts: Part[]) => parts.filter((part) => part.changed).map((part) => part.text);

describe("diff", () => {
  it("marks nothing when both are equal", () => {
    const { expected, actual } = diff("[0, 1]", "[0, 1]");
    expect([changed(expected), changed(actual)]).toEqual([[], []]);
  });

  it("marks whole words and numbers, not single digits", () => {
    const { expected, actual } = diff("[0, 12, 3]", "[0, 13, 3]");
    expect([changed(expected), changed(actual)]).toEqual([["12"], ["13"]]);
  });

  it("marks a missing line end and nothing else", () => {
    const { expected, actual } = diff("7\n", "7");
    expect([changed(expected), changed(actual)]).toEqual([["\n"], []]);
  });

  it("finds what was inserted in the middle", () => {
    const { expected, actual } = diff("a b d", "a b c d");
    expect([changed(expected), text(actual)]).toEqual([[], "a b c d"]);
    expect(changed(actual).join("").trim()).toBe("c");
  });

  it("handles empty texts", () => {
    expect(diff("", "x")).toEqual({ expected: [], actual: [{ text: "x", changed: true }] });
  });

  it("loses no text, and stays quick on long different texts", () => {
    const left = Array.from({ length: 20_000 }, (_, n) => n * 2).join(" ");
    const right = Array.from({ length: 20_000 }, (_, n) => n * 3).join(" ");
    const began = performance.now();
    const { expected, actual } = diff(left, right);
    expect(performance.now() - began).toBeLessThan(1000);
    expect([text(expected) === left, text(actual) === right]).toEqual([true, true]);
  });

  it("keeps every text as it was, for any pair", () => {
    for (const [left, right] of [
      ["a\n b", "a\nb "],
      ["é́x", "éx"],
      ["👍🏽 1", "👍 1"],
      ["[[1],[2]]", "[[1,2]]"],
    ] as const) {
      const { expected, actual } = diff(left, right);
      expect([text(expected), text(actual)]).toEqual([left, right]);
    }
  });
});

it("splits into words and single signs", () => {
  expect(tokens("ab_1, 2")).toEqual(["ab_1", ",", " ", "2"]);
});

it("makes white space visible", () => {
  expect(showWhiteSpace("a b\t\r\n")).toBe("a·b→\t␍↵\n");
});

it("shows control characters as pictures, but leaves tabs and line ends", () => {
  expect(showControl("\u001b[31mred\u0000\t\n")).toBe("␛[31mred␀\t\n");
});
