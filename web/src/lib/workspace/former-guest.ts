/** A guest who signs in with GitHub may come back as a person with another id; drafts, which are kept by id, come along. */
import type { User } from "$lib/api/types";
import { DraftStore } from "./drafts";

const KEY = "codementor.guest";

/** To be told whenever it is known who is signed in. */
export function arrived(storage: Storage | null, { id, kind }: Pick<User, "id" | "kind">): void {
  if (kind === "guest") {
    remember(storage, id);
    return;
  }
  const guest = storage?.getItem(KEY) ?? null;
  if (guest !== null && guest !== id) new DraftStore(storage, id).adopt(guest);
  left(storage);
}

/** To be told when nobody is signed in any more: whoever comes next is somebody else. */
export function left(storage: Storage | null): void {
  storage?.removeItem(KEY);
}

function remember(storage: Storage | null, guest: string): void {
  try {
    storage?.setItem(KEY, guest);
  } catch {
    // A full storage costs the convenience and nothing else: the drafts stay where they are.
  }
}
