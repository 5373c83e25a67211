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

  /** Fetches it anew; answers what it is now, if that is known. */
  refresh = async (): Promise<Progress | null> => {
    const owner = session.user?.id ?? null;
    if (owner !== this.#owner) this.data = null;
    this.#owner = owner;
    if (owner === null) return null;
    try {
      const after = await users.progress();
      if (this.#owner === owner) this.data = after;
      this.error = null;
      return after;
    } catch (thrown) {
      this.error = asApiError(thrown);
      return null;
    }
  };
}

export const progress = new ProgressState();

socket.on("progress-update", () => void progress.refresh());
