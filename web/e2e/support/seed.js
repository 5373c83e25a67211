/** Random numbers that a seed repeats. */

/** @typedef {(below: number) => number} Random a whole number from 0, less than `below` */

/** The seed of this run: `CODEMENTOR_TEST_SEED`, or a new one. */
export const SEED = Number(process.env["CODEMENTOR_TEST_SEED"] ?? Math.floor(Math.random() * 2 ** 31));

/**
 * Numbers from a seed (mulberry32).
 * @param {number} seed
 * @returns {Random}
 */
export function randomOf(seed) {
  let state = seed | 0;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}
