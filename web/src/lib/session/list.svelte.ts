/** The sessions of the signed-in person, page by page. */
import { sessions } from "$lib/api/endpoints";
import { asApiError, type ApiError } from "$lib/api/error";
import type { SessionSummary } from "./wire";

const PAGE_SIZE = 20;

export class SessionList {
  items = $state.raw<SessionSummary[] | null>(null);
  error = $state.raw<ApiError | null>(null);
  loadingMore = $state(false);
  moreError = $state.raw<ApiError | null>(null);
  #cursor = $state<string | null>(null);
  #controller = new AbortController();

  get hasMore(): boolean {
    return this.#cursor !== null;
  }

  get live(): SessionSummary[] {
    return this.items?.filter(({ ended_at }) => ended_at === null) ?? [];
  }

  get ended(): SessionSummary[] {
    return this.items?.filter(({ ended_at }) => ended_at !== null) ?? [];
  }

  load = (): void => {
    this.#controller.abort();
    this.#controller = new AbortController();
    void this.#first(this.#controller.signal);
  };

  more = async (): Promise<void> => {
    if (this.#cursor === null || this.loadingMore) return;
    const { signal } = this.#controller;
    this.loadingMore = true;
    try {
      const page = await sessions.list({ limit: PAGE_SIZE, cursor: this.#cursor }, signal);
      this.items = [...(this.items ?? []), ...page.items];
      this.#cursor = page.next_cursor;
      this.moreError = null;
    } catch (thrown) {
      if (!signal.aborted) this.moreError = asApiError(thrown);
    } finally {
      this.loadingMore = false;
    }
  };

  async #first(signal: AbortSignal): Promise<void> {
    try {
      const page = await sessions.list({ limit: PAGE_SIZE }, signal);
      this.items = page.items;
      this.#cursor = page.next_cursor;
      this.error = null;
    } catch (thrown) {
      if (!signal.aborted) this.error = asApiError(thrown);
    }
  }
}
