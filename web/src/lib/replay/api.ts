/** The endpoints of recordings. */
import { get, post } from "$lib/api/client";
import { ApiError, errorFromResponse, networkError } from "$lib/api/error";
import type { RunResult, Session } from "$lib/session/wire";
import type { Replay, ReplayStatistics } from "./wire";

const path = (session: string) => `/api/sessions/${encodeURIComponent(session)}`;

export const page = (session: string, limit: number, cursor: string | null, signal?: AbortSignal) =>
  get<Replay>(`${path(session)}/replay`, { query: { limit, cursor }, signal });

export const statistics = (session: string, signal?: AbortSignal) =>
  get<ReplayStatistics>(`${path(session)}/replay/statistics`, { signal });

/** Judges the text as it was, with all tests of the challenge. */
export const run = (session: string, seq: number, stdin?: string) =>
  post<RunResult>(`${path(session)}/replay/run`, { seq, stdin });

export const restore = (session: string, seq: number) => post<undefined>(`${path(session)}/restore`, { seq });

export async function exported(session: string): Promise<Blob> {
  return (await send(`${path(session)}/export`)).blob();
}

export async function bringIn(file: Blob): Promise<Session> {
  const response = await send("/api/sessions/import", {
    method: "POST",
    headers: { "content-type": "application/octet-stream", accept: "application/json" },
    body: file,
  });
  return (await response.json()) as Session;
}

/** Files travel as they are, not as JSON. */
async function send(address: string, init: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(address, { credentials: "same-origin", ...init });
  } catch {
    throw networkError();
  }
  if (!response.ok) throw await errorFromResponse(response);
  return response;
}

/** Nothing was recorded, or what was is forgotten. */
export const isNotRecorded = (error: ApiError): boolean => error.code === "not_recorded";
