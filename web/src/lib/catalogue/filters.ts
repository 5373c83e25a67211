/** The filters of the catalogue live in the address, so that a view can be shared, kept and gone back to. */
import type { Query } from "$lib/api/client";
import type { Difficulty, Status } from "$lib/api/types";

export interface Filters {
  q: string;
  difficulty: Difficulty[];
  status: Status | "";
  topic: string;
  language: string;
}

export const DIFFICULTIES: readonly Difficulty[] = ["easy", "medium", "hard"];
export const STATUSES: readonly Status[] = ["todo", "attempted", "solved"];

export function readFilters(params: URLSearchParams): Filters {
  const wanted = (params.get("difficulty") ?? "").split(",");
  const status = params.get("status") ?? "";
  return {
    q: (params.get("q") ?? "").slice(0, 100),
    difficulty: DIFFICULTIES.filter((difficulty) => wanted.includes(difficulty)),
    status: STATUSES.find((known) => known === status) ?? "",
    topic: params.get("topic") ?? "",
    language: params.get("language") ?? "",
  };
}

export function filterQuery(filters: Filters): Query {
  return {
    q: filters.q.trim(),
    difficulty: filters.difficulty.join(","),
    status: filters.status,
    topic: filters.topic,
    language: filters.language,
  };
}

export function isFiltered(filters: Filters): boolean {
  return Object.values(filterQuery(filters)).some((value) => value !== "");
}

/** `difficulties` with one added or taken away, in their own order. */
export function toggled(difficulties: readonly Difficulty[], one: Difficulty): Difficulty[] {
  return DIFFICULTIES.filter((known) => difficulties.includes(known) !== (known === one));
}
