import { ApiError, errorFromResponse, networkError } from "./error";

export type Query = Record<string, string | number | null | undefined>;

export interface RequestOptions {
  query?: Query;
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

type Method = "GET" | "POST" | "PATCH" | "DELETE";

let signedOut: () => void = () => undefined;

/** Called whenever the server answers 401, so that one place decides what then happens. */
export function onSignedOut(handler: () => void): void {
  signedOut = handler;
}

/** Sends one request. The session travels as an HttpOnly cookie; no token is ever in reach of a script. */
export async function request<T>(method: Method, path: string, options: RequestOptions = {}): Promise<T> {
  const response = await send(method, path, options);
  if (!response.ok) {
    const error = await errorFromResponse(response);
    if (error.status === 401) signedOut();
    throw error;
  }
  if (response.status === 204) return undefined as T;
  const body = await response.text();
  return (body === "" ? undefined : parse(body)) as T;
}

export const get = <T>(path: string, options?: RequestOptions) => request<T>("GET", path, options);

export const post = <T>(path: string, body?: unknown, options?: RequestOptions) =>
  request<T>("POST", path, { ...options, body });

export const patch = <T>(path: string, body: unknown) => request<T>("PATCH", path, { body });

export const remove = (path: string) => request<undefined>("DELETE", path);

async function send(method: Method, path: string, options: RequestOptions): Promise<Response> {
  const headers: Record<string, string> = { accept: "application/json", ...options.headers };
  if (options.body !== undefined) headers["content-type"] = "application/json";
  try {
    return await fetch(path + queryString(options.query), {
      method,
      headers,
      credentials: "same-origin",
      signal: options.signal,
      body: options.body === undefined ? undefined : JSON.stringify(options.body),
    });
  } catch (thrown) {
    if (options.signal?.aborted) throw thrown;
    throw networkError();
  }
}

export function queryString(query: Query = {}): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== "") params.set(name, String(value));
  }
  const text = params.toString();
  return text ? `?${text}` : "";
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new ApiError(0, "not_json", "The answer was not what the page expected. Reload and try again.");
  }
}
