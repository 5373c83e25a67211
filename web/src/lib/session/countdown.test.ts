import { expect, it } from "vitest";
import { countdown } from "./countdown";

const end = "2026-01-01T10:00:00Z";
const before = (seconds: number) => Date.parse(end) - seconds * 1000;

it.each([
  [5, "0:05"],
  [725, "12:05"],
  [3600, "1:00:00"],
  [0.2, "0:01"],
  [0, "0:00"],
  [-9, "0:00"],
])("%f seconds before the end it shows %s", (seconds, shown) => {
  expect(countdown(end, before(seconds))).toBe(shown);
});

it("shows nothing odd for an odd time", () => {
  expect(countdown("soon", 0)).toBe("0:00");
});
