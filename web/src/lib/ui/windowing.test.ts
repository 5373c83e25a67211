import { expect, test } from "vitest";
import { centred, rowAt, topsOf } from "./windowing";

test("rows lie under one another", () => {
  expect(Array.from(topsOf([30, 50, 20]))).toEqual([0, 30, 80, 100]);
  expect(Array.from(topsOf([]))).toEqual([0]);
});

test("a row is found by a place in it", () => {
  const tops = topsOf([30, 50, 20]);
  expect([-5, 0, 29, 30, 79, 80, 99, 500].map((y) => rowAt(tops, y))).toEqual([0, 0, 0, 1, 1, 2, 2, 2]);
  expect(rowAt(topsOf([]), 10)).toBe(0);
});

test("every row is found by its own top", () => {
  const heights = Array.from({ length: 500 }, (_, index) => 20 + ((index * 7) % 31));
  const tops = topsOf(heights);
  for (const index of heights.keys()) expect(rowAt(tops, tops[index] ?? -1)).toBe(index);
});

test("a row comes to the middle, as far as the list reaches", () => {
  const tops = topsOf(Array.from({ length: 100 }, () => 10));
  expect(centred(tops, 50, 200)).toBe(405);
  expect(centred(tops, 0, 200)).toBe(0);
  expect(centred(tops, 99, 200)).toBe(800);
  expect(centred(topsOf([10]), 0, 200)).toBe(0);
});
