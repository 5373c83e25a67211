/** The challenges that fit the filters, page by page. */
import type { Query } from "$lib/api/client";
import { challenges } from "$lib/api/endpoints";
import { asApiError, type ApiError } from "$lib/api/error";
import type { ChallengeSummary } from "$lib/api/types";

const PAGE_SIZE = 50;

export class ChallengeList {
  items = $state.raw<ChallengeSummary[] | null>(null);
  error = $state.raw<ApiError | null>(null);
  loading = $state(true);
  loadingMore = $state(false);
  moreError = $state.raw<ApiError | null>(null);
  #cursor = $state<string | null>(null);
  #query: Query = {};
  #controller = new AbortController();

  get hasMore(): boolean {
    return this.#cursor !== null;
  }

  /** Begins anew. What is shown stays until the new list is there. */
  load(query: Query): void {
    this.#query = query;
    this.#controller.abort();
    this.#controller = new AbortController();
    void this.#first(this.#controller.signal);
  }

  reload = (): void => {
    this.load(this.#query);
  };

  async #first(signal: AbortSignal): Promise<void> {
    this.loading = true;
    try {
      const page = await challenges.list({ ...this.#query, limit: PAGE_SIZE }, signal);
      this.items = page.items;
      this.#cursor = page.next_cursor;
      this.error = null;
    } catch (thrown) {
      if (!signal.aborted) this.error = asApiError(thrown);
    } finally {
      if (!signal.aborted) this.loading = false;
    }
  }

  more = async (): Promise<void> => {
    if (this.#cursor === null || this.loadingMore) return;
    const { signal } = this.#controller;
    this.loadingMore = true;
    try {
      const query = { ...this.#query, limit: PAGE_SIZE, cursor: this.#cursor };
      const page = await challenges.list(query, signal);
      if (signal.aborted) return;
      this.items = [...(this.items ?? []), ...page.items];
      this.#cursor = page.next_cursor;
      this.moreError = null;
    } catch (thrown) {
      if (!signal.aborted) this.moreError = asApiError(thrown);
    } finally {
      this.loadingMore = false;
    }
  };
}
