import { afterEach, expect, it, vi } from "vitest";
import { get, onSignedOut, post, queryString } from "./client";

const answer = (body: string | null, init: ResponseInit = {}) => {
  const fetch = vi.fn<typeof globalThis.fetch>(() => Promise.resolve(new Response(body, init)));
  vi.stubGlobal("fetch", fetch);
  return fetch;
};

afterEach(() => vi.unstubAllGlobals());

it("sends JSON with the cookie of this site and no token", async () => {
  const fetch = answer('{"ok":true}');
  await expect(post("/api/x", { a: 1 }, { headers: { "Idempotency-Key": "k" } })).resolves.toEqual({
    ok: true,
  });
  const [path, init] = fetch.mock.calls[0] ?? [];
  expect(path).toBe("/api/x");
  expect(init).toMatchObject({ method: "POST", credentials: "same-origin", body: '{"a":1}' });
  expect(init?.headers).toMatchObject({ "Idempotency-Key": "k", "content-type": "application/json" });
  expect(init?.headers).not.toHaveProperty("authorization");
});

it("takes an empty answer", async () => {
  answer(null, { status: 204 });
  await expect(post("/api/auth/logout")).resolves.toBeUndefined();
});

it("tells of 401 and still throws", async () => {
  const told = vi.fn();
  onSignedOut(told);
  answer("{}", { status: 401 });
  await expect(get("/api/x")).rejects.toMatchObject({ status: 401 });
  expect(told).toHaveBeenCalledOnce();
});

it("calls a missing connection by its name", async () => {
  vi.stubGlobal("fetch", () => Promise.reject(new TypeError("Failed to fetch")));
  await expect(get("/api/x")).rejects.toMatchObject({ status: 0, code: "network_error", unreachable: true });
});

it("refuses an answer that is not JSON", async () => {
  answer("<html>");
  await expect(get("/api/x")).rejects.toMatchObject({ code: "not_json" });
});

it("leaves empty parts out of the query and escapes the others", () => {
  expect(queryString({ q: "a&b c", topic: "", limit: 5, cursor: null })).toBe("?q=a%26b+c&limit=5");
  expect(queryString({})).toBe("");
});
