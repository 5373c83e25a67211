import type { FieldError, Problem } from "./types";

/** What went wrong with a request, in the words of the server where it gave any. */
export class ApiError extends Error {
  override name = "ApiError";

  constructor(
    /** The HTTP status; 0 when no answer came. */
    readonly status: number,
    /** Stable, such as `username_taken`; `network_error` when no answer came. */
    readonly code: string,
    /** For people. */
    readonly detail: string,
    readonly errors: FieldError[] = [],
    /** Seconds to wait before the next attempt, when the server said so. */
    readonly retryAfter: number | null = null,
    readonly requestId: string | null = null,
  ) {
    super(detail);
  }

  /** No answer came: offline, or the server is away. */
  get unreachable(): boolean {
    return this.status === 0;
  }

  /** The fault of one field, if the server named it. */
  field(name: string): string | undefined {
    return this.errors.find((error) => error.field === name)?.detail;
  }
}

const PLAIN_WORDS: Record<number, string> = {
  401: "You are signed out.",
  403: "This is not open to you.",
  404: "There is nothing here.",
  413: "That is too large to send.",
  429: "That was a little fast. Wait a moment and try again.",
  503: "The server cannot do this right now. Try again in a moment.",
};

/** Turns any error answer into an `ApiError`, also those of a proxy that knows nothing of our format. */
export async function errorFromResponse(response: Response, now = Date.now()): Promise<ApiError> {
  const problem = await readProblem(response);
  return new ApiError(
    response.status,
    text(problem.code) ?? `http_${response.status}`,
    text(problem.detail) ?? PLAIN_WORDS[response.status] ?? "The server answered with an error.",
    Array.isArray(problem.errors) ? problem.errors : [],
    parseRetryAfter(response.headers.get("retry-after"), now),
    text(problem.request_id) ?? response.headers.get("x-request-id"),
  );
}

export function networkError(): ApiError {
  return new ApiError(0, "network_error", "The server could not be reached. Check your connection.");
}

/** Any thrown value as an `ApiError`, so that views have one kind of error to show. */
export function asApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown;
  return new ApiError(0, "page_error", "Something in the page went wrong. Reload it and try again.");
}

/** `Retry-After` in seconds: a number, or an HTTP date. */
export function parseRetryAfter(header: string | null, now: number): number | null {
  if (!header) return null;
  if (/^\d+$/.test(header.trim())) return Number(header);
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, Math.ceil((at - now) / 1000));
}

async function readProblem(response: Response): Promise<Partial<Problem>> {
  if (!response.headers.get("content-type")?.includes("json")) return {};
  try {
    const body: unknown = await response.json();
    return typeof body === "object" && body !== null ? (body as Partial<Problem>) : {};
  } catch {
    return {};
  }
}

function text(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}
