/** Random numbers that a seed repeats. */
import { randomFrom } from "../../src/lib/replay/random.js";

/** @typedef {(below: number) => number} Random a whole number from 0, less than `below` */

/** The seed of this run: `CODEMENTOR_TEST_SEED`, or a new one. */
export const SEED = Number(process.env["CODEMENTOR_TEST_SEED"] ?? Math.floor(Math.random() * 2 ** 31));

/**
 * Whole numbers from a seed.
 * @param {number} seed
 * @returns {Random}
 */
export function randomOf(seed) {
  const random = randomFrom(seed);
  return (below) => Math.floor(random() * below);
}
