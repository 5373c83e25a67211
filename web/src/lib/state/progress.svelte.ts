/** Level, XP and streak of the signed-in person, for the bar at the top, the dashboard and the results. */
import { users } from "$lib/api/endpoints";
import { asApiError, type ApiError } from "$lib/api/error";
import type { Progress } from "$lib/api/types";
import { socket } from "$lib/live/live.svelte";
import { session } from "./session.svelte";

class ProgressState {
  data = $state.raw<Progress | null>(null);
  error = $state.raw<ApiError | null>(null);
  #owner: string | null = null;

  /** Fetches it anew; answers what it was before and is now, for telling what has changed. */
  refresh = async (): Promise<{ before: Progress | null; after: Progress | null }> => {
    const owner = session.user?.id ?? null;
    if (owner !== this.#owner) this.data = null;
    this.#owner = owner;
    const before = this.data;
    if (owner === null) return { before: null, after: null };
    try {
      const after = await users.progress();
      if (this.#owner === owner) this.data = after;
      this.error = null;
      return { before, after };
    } catch (thrown) {
      this.error = asApiError(thrown);
      return { before, after: null };
    }
  };
}

export const progress = new ProgressState();

socket.on("progress-update", () => void progress.refresh());
