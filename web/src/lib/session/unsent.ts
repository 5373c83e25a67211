/**
 * What was typed and is not known to have arrived, kept in the tab's own storage: a reload in a tunnel loses nothing.
 *
 * It holds Yjs updates, which may be merged any number of times and in any order, so keeping too much is never wrong.
 */

/** Larger ones are not kept: the storage of a tab is small. Base64 characters. */
export const MAX_UNSENT = 700_000;

/** `none`: there is nothing to keep. */
export type Kept = "none" | "kept" | "too-large" | "unavailable";

export class Unsent {
  readonly #key: string;

  constructor(
    private readonly storage: Storage | null,
    session: string,
    user: string,
  ) {
    this.#key = `codementor.unsent:${encodeURIComponent(user)}:${encodeURIComponent(session)}`;
  }

  read(): Uint8Array | null {
    try {
      const text = this.storage?.getItem(this.#key);
      return text ? Uint8Array.from(atob(text), (char) => char.charCodeAt(0)) : null;
    } catch {
      return null;
    }
  }

  write(update: Uint8Array): Kept {
    if (!this.storage) return "unavailable";
    // Longer in base64 by a third.
    if (update.length > (MAX_UNSENT * 3) / 4) return "too-large";
    try {
      this.storage.setItem(this.#key, base64(update));
      return "kept";
    } catch {
      return "too-large";
    }
  }

  clear(): void {
    try {
      this.storage?.removeItem(this.#key);
    } catch {
      // Nothing was kept then, either.
    }
  }
}

/** The storage of this tab, or nothing where it is forbidden (reading the property alone may throw). */
export function tabStorage(): Storage | null {
  try {
    return window.sessionStorage;
  } catch {
    return null;
  }
}

function base64(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}
