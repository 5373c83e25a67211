/** The colours of people: of their carets, their marks in lists and their part of a time line. */

/** Somebody of whom nothing is known. */
export const NOBODYS_COLOUR = "#5b7083";

/** The server's own, in its order: told apart on a light and on a dark ground, also by most who see colours otherwise. */
export const COLOURS = [
  "#2563eb",
  "#d97706",
  "#059669",
  "#db2777",
  "#7c3aed",
  "#0891b2",
  "#dc2626",
  "#65a30d",
  "#c026d3",
  "#0d9488",
  "#ea580c",
  "#4f46e5",
] as const;

const HEX = /^#[\da-f]{6}$/i;

export const isColour = (value: unknown): value is string => typeof value === "string" && HEX.test(value);

/** The colour of the first, the second and so on, from 0; the thirteenth has that of the first. */
export const colourAt = (index: number): string => COLOURS[index % COLOURS.length] ?? NOBODYS_COLOUR;
