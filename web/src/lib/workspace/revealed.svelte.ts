/** Hints that were asked for in this visit: changing tabs must not hide them again. */
import { SvelteMap } from "svelte/reactivity";

class Revealed {
  #hints = new SvelteMap<string, string[]>();

  of(challenge: string): string[] {
    return this.#hints.get(challenge) ?? [];
  }

  add(challenge: string, hint: string): void {
    this.#hints.set(challenge, [...this.of(challenge), hint]);
  }
}

export const revealed = new Revealed();
