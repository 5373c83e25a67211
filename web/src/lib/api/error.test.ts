import { describe, expect, it } from "vitest";
import { ApiError, asApiError, errorFromResponse, parseRetryAfter } from "./error";

const NOW = Date.parse("2026-11-21T10:00:00Z");

function problem(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { "content-type": "application/problem+json", ...headers },
  });
}

describe("errorFromResponse", () => {
  it("takes code, detail, faults and request id from the problem", async () => {
    const error = await errorFromResponse(
      problem(422, {
        code: "invalid_username",
        detail: "This name cannot be used.",
        request_id: "r1",
        errors: [{ field: "username", detail: "too long" }],
      }),
    );
    expect(error).toMatchObject({ status: 422, code: "invalid_username", requestId: "r1" });
    expect(error.field("username")).toBe("too long");
    expect(error.field("time_zone")).toBeUndefined();
  });

  it("reads Retry-After", async () => {
    const error = await errorFromResponse(problem(429, { code: "rate_limited" }, { "retry-after": "7" }));
    expect(error).toMatchObject({ retryAfter: 7, detail: expect.stringContaining("fast") });
  });

  it("copes with answers that are not ours", async () => {
    const html = new Response("<h1>Bad gateway</h1>", {
      status: 502,
      headers: { "content-type": "text/html" },
    });
    expect(await errorFromResponse(html)).toMatchObject({ status: 502, code: "http_502" });
    const cut = new Response('{"code": "x', { status: 500, headers: { "content-type": "application/json" } });
    expect(await errorFromResponse(cut)).toMatchObject({ code: "http_500", requestId: null });
    expect(await errorFromResponse(problem(500, [1, 2]))).toMatchObject({ code: "http_500" });
    expect(await errorFromResponse(problem(500, { code: 5, detail: {}, errors: "x" }))).toMatchObject({
      code: "http_500",
      errors: [],
    });
  });
});

it("reads Retry-After as seconds or as a date", () => {
  expect(parseRetryAfter("120", NOW)).toBe(120);
  expect(parseRetryAfter("Sat, 21 Nov 2026 10:00:30 GMT", NOW)).toBe(30);
  expect(parseRetryAfter("Sat, 21 Nov 2026 09:00:00 GMT", NOW)).toBe(0);
  expect(parseRetryAfter("soon", NOW)).toBeNull();
  expect(parseRetryAfter(null, NOW)).toBeNull();
});

it("keeps an ApiError and wraps anything else", () => {
  const own = new ApiError(404, "not_found", "x");
  expect(asApiError(own)).toBe(own);
  expect(asApiError(new TypeError("boom")).detail).not.toContain("boom");
});
