import { expect, it } from "vitest";
import { onColour } from "./on-colour";

it.each([
  ["#ffffff", "#000000"],
  ["#ffd000", "#000000"],
  ["#777777", "#000000"],
  ["#1d4ed8", "#ffffff"],
  ["#000000", "#ffffff"],
])("on %s writes %s", (ground, text) => {
  expect(onColour(ground)).toBe(text);
});
