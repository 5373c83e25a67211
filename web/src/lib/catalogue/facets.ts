/** Which topics and languages there are, and how many challenges each has; learnt from the catalogue itself. */
import { challenges } from "$lib/api/endpoints";
import type { ChallengeSummary } from "$lib/api/types";

export interface Facet {
  id: string;
  count: number;
}

export interface Facets {
  topics: Facet[];
  languages: Facet[];
  /** Whether the counts cover all challenges. */
  complete: boolean;
  total: number;
}

export async function loadFacets(signal: AbortSignal): Promise<Facets> {
  const page = await challenges.list({ limit: 100 }, signal);
  return facetsOf(page.items, page.next_cursor === null);
}

export function facetsOf(items: readonly ChallengeSummary[], complete: boolean): Facets {
  return {
    topics: tally(items.flatMap((item) => item.topics)),
    languages: tally(items.flatMap((item) => item.languages)),
    complete,
    total: items.length,
  };
}

function tally(names: string[]): Facet[] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return Array.from(counts, ([id, count]) => ({ id, count })).sort((a, b) => a.id.localeCompare(b.id));
}
