import { expect, it } from "vitest";
import { backoffDelay, pollDelay, SOCKET_BACKOFF } from "./backoff";

it("doubles its ceiling up to the cap", () => {
  const ceilings = [0, 1, 2, 3, 6, 7, 50, 5000].map((attempt) =>
    backoffDelay(attempt, SOCKET_BACKOFF, () => 1),
  );
  expect(ceilings).toEqual([500, 1000, 2000, 4000, 30_000, 30_000, 30_000, 30_000]);
});

it("takes any part of the ceiling, so that clients spread out", () => {
  expect(backoffDelay(3, SOCKET_BACKOFF, () => 0)).toBe(0);
  expect(backoffDelay(3, SOCKET_BACKOFF, () => 0.25)).toBe(1000);
});

it("polls after 1, 2, 4 and then 8 seconds", () => {
  expect([0, 1, 2, 3, 4, 99].map(pollDelay)).toEqual([1000, 2000, 4000, 8000, 8000, 8000]);
});
