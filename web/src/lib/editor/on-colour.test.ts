import { expect, it } from "vitest";
import { COLOURS, NOBODYS_COLOUR } from "./colours";
import { contrast, onColour } from "./on-colour";

it.each([
  ["#ffffff", "#000000"],
  ["#ffd000", "#000000"],
  ["#777777", "#000000"],
  ["#1d4ed8", "#ffffff"],
  ["#000000", "#ffffff"],
])("on %s writes %s", (ground, text) => {
  expect(onColour(ground)).toBe(text);
});

it.each([...COLOURS, NOBODYS_COLOUR])("a name is read on %s", (ground) => {
  expect(contrast(ground, onColour(ground))).toBeGreaterThanOrEqual(4.5);
});
