/** The challenges that somebody may see here, page by page. */
import { asApiError, type ApiError } from "$lib/api/error";
import * as api from "./api";

export class AuthoredList {
  items = $state.raw<api.AuthoredSummary[] | null>(null);
  error = $state.raw<ApiError | null>(null);
  loadingMore = $state(false);
  moreError = $state.raw<ApiError | null>(null);
  #cursor = $state<string | null>(null);
  #controller = new AbortController();

  get hasMore(): boolean {
    return this.#cursor !== null;
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
      const page = await api.list(this.#cursor, signal);
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
      const page = await api.list(null, signal);
      this.items = page.items;
      this.#cursor = page.next_cursor;
      this.error = null;
    } catch (thrown) {
      if (!signal.aborted) this.error = asApiError(thrown);
    }
  }
}
