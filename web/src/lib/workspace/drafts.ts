/**
 * Keeps what learners type, one draft per person, challenge and language, in the browser's own storage.
 *
 * Storage is small and may refuse; every write says whether it worked, and old drafts give way to new ones.
 */

export interface Draft {
  challenge: string;
  language: string;
  code: string;
  /** Milliseconds since 1970. */
  at: number;
}

export type Saved = "saved" | "full" | "unavailable";

/** More drafts than anybody works on; the oldest beyond it are dropped. */
export const MAX_DRAFTS = 200;

const PREFIX = "codementor.draft";
export const ANONYMOUS = "~";

export class DraftStore {
  constructor(
    private readonly storage: Storage | null,
    private readonly owner: string,
    private readonly now: () => number = Date.now,
  ) {}

  read(challenge: string, language: string): Draft | null {
    return this.parse(this.key(challenge, language));
  }

  write(challenge: string, language: string, code: string): Saved {
    if (!this.storage) return "unavailable";
    const value = JSON.stringify({ code, at: this.now() });
    const key = this.key(challenge, language);
    const isNew = this.storage.getItem(key) === null;
    const saved = this.put(key, value);
    if (isNew && saved === "saved") this.prune();
    return saved;
  }

  remove(challenge: string, language: string): void {
    this.storage?.removeItem(this.key(challenge, language));
  }

  /** The draft of a challenge that was written last, of those in one of `languages`. */
  newest(challenge: string, languages: readonly string[]): Draft | null {
    return newestFirst(languages.map((language) => this.read(challenge, language)))[0] ?? null;
  }

  /** This person's drafts, newest first. */
  list(): Draft[] {
    const own = this.keys(`${PREFIX}:${encodeURIComponent(this.owner)}:`);
    return newestFirst(own.map((key) => this.parse(key)));
  }

  /** Takes over what was typed before signing in, where this person has no draft of their own. */
  adopt(from: string): void {
    const other = new DraftStore(this.storage, from, this.now);
    for (const draft of other.list()) {
      if (!this.read(draft.challenge, draft.language)) {
        this.put(
          this.key(draft.challenge, draft.language),
          JSON.stringify({ code: draft.code, at: draft.at }),
        );
      }
      other.remove(draft.challenge, draft.language);
    }
  }

  /** Tries once more after making room: a full storage is more often old drafts than anything else. */
  private put(key: string, value: string): Saved {
    if (!this.storage) return "unavailable";
    try {
      this.storage.setItem(key, value);
      return "saved";
    } catch {
      this.dropOldest(10, key);
    }
    try {
      this.storage.setItem(key, value);
      return "saved";
    } catch {
      return "full";
    }
  }

  private prune(): void {
    const surplus = this.keys(`${PREFIX}:`).length - MAX_DRAFTS;
    if (surplus > 0) this.dropOldest(surplus, "");
  }

  private dropOldest(many: number, except: string): void {
    const aged = this.keys(`${PREFIX}:`)
      .filter((key) => key !== except)
      .map((key) => ({ key, at: this.parse(key)?.at ?? 0 }))
      .sort((a, b) => a.at - b.at);
    for (const { key } of aged.slice(0, many)) this.storage?.removeItem(key);
  }

  private keys(prefix: string): string[] {
    const found: string[] = [];
    for (let index = 0; index < (this.storage?.length ?? 0); index += 1) {
      const key = this.storage?.key(index);
      if (key?.startsWith(prefix)) found.push(key);
    }
    return found;
  }

  private parse(key: string): Draft | null {
    const [, , challenge, language] = key.split(":").map(decodeURIComponent);
    try {
      const { code, at } = JSON.parse(this.storage?.getItem(key) ?? "null") ?? {};
      if (typeof code !== "string" || challenge === undefined || language === undefined) return null;
      return { challenge, language, code, at: typeof at === "number" ? at : 0 };
    } catch {
      return null;
    }
  }

  private key(challenge: string, language: string): string {
    return [PREFIX, ...[this.owner, challenge, language].map(encodeURIComponent)].join(":");
  }
}

/** The browser's storage, or nothing where it is forbidden (reading the property alone may throw). */
export function browserStorage(): Storage | null {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}

function newestFirst(drafts: (Draft | null)[]): Draft[] {
  return drafts.filter((draft) => draft !== null).sort((a, b) => b.at - a.at);
}
