/** Who is signed in. The session itself is a cookie that no script can read. */
import { auth } from "$lib/api/endpoints";
import { ApiError } from "$lib/api/error";
import type { User } from "$lib/api/types";
import { browserTimeZone } from "$lib/format/time";
import { socket } from "$lib/live/live.svelte";
import { ANONYMOUS, browserStorage, DraftStore } from "$lib/workspace/drafts";
import { arrived, left } from "$lib/workspace/former-guest";

/** `unknown`: not asked yet. `unreachable`: asked, and no answer came. */
export type SessionStatus = "unknown" | "in" | "out" | "unreachable";

class Session {
  user = $state.raw<User | null>(null);
  status = $state<SessionStatus>("unknown");

  async load(): Promise<void> {
    try {
      this.enter(await auth.me());
    } catch (thrown) {
      if (thrown instanceof ApiError && thrown.status === 401) this.leave();
      else if (this.status === "unknown") this.status = "unreachable";
    }
  }

  async signInAsGuest(username: string): Promise<void> {
    const { user } = await auth.guest(username, browserTimeZone());
    this.enter(user);
  }

  async signInWithGithub(code: string, state: string): Promise<void> {
    const { user } = await auth.github(code, state);
    this.enter(user);
  }

  async signOut(everywhere: boolean): Promise<void> {
    await auth.logout(everywhere);
    this.leave();
  }

  enter(user: User): void {
    this.user = user;
    this.status = "in";
    new DraftStore(browserStorage(), user.id).adopt(ANONYMOUS);
    arrived(browserStorage(), user);
    socket.start();
  }

  leave(): void {
    this.user = null;
    this.status = "out";
    left(browserStorage());
    socket.stop();
  }
}

export const session = new Session();

/** Whose drafts these are. */
export const draftOwner = (): string => session.user?.id ?? ANONYMOUS;
