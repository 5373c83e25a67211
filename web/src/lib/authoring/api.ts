/** The endpoints of writing challenges, and their bodies from the API's description. */
import { get, patch, post, remove as del } from "$lib/api/client";
import { errorFromResponse, networkError } from "$lib/api/error";
import type { components } from "$lib/api/schema";
import type { ChallengeDetail, Page } from "$lib/api/types";

type Schemas = components["schemas"];

export type Authored = Schemas["AuthoredChallenge"];
export type AuthoredState = Schemas["AuthoredState"];
export type AuthoredSummary = Schemas["AuthoredSummary"];
export type FileFault = Schemas["FileFault"];
export type Template = Schemas["Template"];

/** Larger archives are refused by the server. */
export const MAX_ARCHIVE_BYTES = 8 * 1024 * 1024;

const ALL = "/api/authoring/challenges";
const one = (id: string) => `${ALL}/${encodeURIComponent(id)}`;

export const list = (cursor: string | null, signal?: AbortSignal) =>
  get<Page<AuthoredSummary>>(ALL, { query: { limit: 50, cursor }, signal });

export const open = (id: string, signal?: AbortSignal) => get<Authored>(one(id), { signal });

export const state = (id: string, signal?: AbortSignal) => get<AuthoredState>(`${one(id)}/state`, { signal });

export const preview = (id: string, signal?: AbortSignal) =>
  get<ChallengeDetail>(`${one(id)}/preview`, { signal });

export const create = (body: Schemas["NewChallenge"]) => post<Authored>(ALL, body);

export const change = (id: string, body: Schemas["ChangeFiles"]) => patch<AuthoredState>(one(id), body);

export const verify = (id: string, content: string) => post<AuthoredState>(`${one(id)}/verify`, { content });

export const publish = (id: string, content: string) =>
  post<AuthoredState>(`${one(id)}/publish`, { content });

export const withdraw = (id: string) => post<AuthoredState>(`${one(id)}/withdraw`);

export const remove = (id: string, revision: number) => del(`${one(id)}?revision=${revision}`);

export const archivePath = (id: string) => `${one(id)}/archive`;

/** Brings an archive in as a draft. `id` is needed when it has no folder whose name could be it. */
export async function upload(file: Blob, id: string): Promise<Authored> {
  const query = id === "" ? "" : `?id=${encodeURIComponent(id)}`;
  let response: Response;
  try {
    response = await fetch(`/api/authoring/import${query}`, {
      method: "POST",
      headers: { "content-type": "application/octet-stream", accept: "application/json" },
      credentials: "same-origin",
      body: file,
    });
  } catch {
    throw networkError();
  }
  if (!response.ok) throw await errorFromResponse(response);
  return (await response.json()) as Authored;
}
