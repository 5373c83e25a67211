import { expect, it } from "vitest";
import { FakeStorage } from "$lib/workspace/fake-storage";
import { forgetSecret, keepSecret, keptSecret, secretIn, signInFirst } from "./coming-in";

it("reads the secret of a link", () => {
  expect([secretIn("#invite=abc-_1"), secretIn("#other=1"), secretIn("")]).toEqual(["abc-_1", null, null]);
});

it("keeps it in the tab, so that signing in need not carry it", () => {
  const storage = new FakeStorage();
  expect(keepSecret(storage, "s", "#invite=abc")).toBe(true);
  expect(signInFirst(storage, "s", "")).toBe("/signin?next=%2Fsessions%2Fs");
  expect(keptSecret(storage, "s")).toBe("abc");
  forgetSecret(storage, "s");
  expect(keptSecret(storage, "s")).toBeNull();
});

it("leaves it in the address where nothing can be kept", () => {
  const full = new FakeStorage(0);
  for (const storage of [null, full]) {
    expect(keepSecret(storage, "s", "#invite=abc")).toBe(false);
    expect(signInFirst(storage, "s", "#invite=abc")).toBe("/signin?next=%2Fsessions%2Fs%23invite%3Dabc");
  }
});
