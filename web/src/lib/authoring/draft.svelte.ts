/** A challenge that is being written: the files as they are here, as they are kept, and how it stands. */
import { asApiError, type ApiError } from "$lib/api/error";
import * as api from "./api";
import { apply, changes, clashes, isEmpty, type Files } from "./changes";
import { inOrder } from "./files";

const SAVE_AFTER_MS = 900;
const ASK_EVERY_MS = 700;

/** Somebody else changed these files, too. */
export interface Clash {
  paths: string[];
  theirs: api.Authored;
}

export class AuthoringDraft {
  readonly id: string;
  /** How it stands on the server. */
  now: api.AuthoredState;
  files: Files;
  path: string;
  saving = $state(false);
  /** Why the last thing that was tried did not work. */
  problem = $state.raw<ApiError | null>(null);
  clash = $state.raw<Clash | null>(null);
  /** Counts what was kept, so that a preview knows when to look again. */
  kept = $state(0);
  /** As the server keeps them. */
  #base: Files;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asking: ReturnType<typeof setTimeout> | undefined;
  #saved: Promise<boolean> | null = null;
  #left = false;

  constructor(opened: api.Authored) {
    this.id = opened.id;
    this.now = $state.raw(opened);
    this.files = $state.raw(opened.files);
    this.#base = $state.raw(opened.files);
    this.path = $state(inOrder(Object.keys(opened.files))[0] ?? "");
    if (opened.verifying) this.#ask();
  }

  get paths(): string[] {
    return inOrder(Object.keys(this.files));
  }

  get dirty(): boolean {
    return !isEmpty(changes(this.#base, this.files));
  }

  /** Whether what is here is what was verified. */
  get verified(): boolean {
    return this.now.verified && !this.dirty;
  }

  /** Whether learners see just what is here. */
  get isPublished(): boolean {
    return this.now.stage === "published" && this.now.published_content === this.now.content && !this.dirty;
  }

  faultsOf(path: string): api.FileFault[] {
    return this.now.verification?.faults.filter((fault) => fault.file === path) ?? [];
  }

  type(path: string, text: string): void {
    if (this.files[path] === text) return;
    this.files = { ...this.files, [path]: text };
    this.#later();
  }

  add(path: string): void {
    this.files = { ...this.files, [path]: "" };
    this.path = path;
    this.#later();
  }

  remove(path: string): void {
    this.files = Object.fromEntries(Object.entries(this.files).filter(([other]) => other !== path));
    if (this.path === path) this.path = this.paths[0] ?? "";
    this.#later();
  }

  /** Keeps what is here. Answers whether that is so now. */
  save = async (): Promise<boolean> => {
    clearTimeout(this.#timer);
    while (this.#saved) await this.#saved;
    if (!this.dirty) return true;
    if (this.clash) return false;
    this.#saved = this.#send();
    try {
      return await this.#saved;
    } finally {
      this.#saved = null;
    }
  };

  /** After a clash: everything as they have it, or these files as they are here. */
  settle = async (choice: "theirs" | "mine"): Promise<void> => {
    if (!this.clash) return;
    const { theirs, paths } = this.clash;
    const mine = changes(this.#base, this.files);
    this.clash = null;
    this.#take(theirs);
    const own = (path: string) => choice === "mine" || !paths.includes(path);
    this.files = apply(theirs.files, {
      put: Object.fromEntries(Object.entries(mine.put).filter(([path]) => own(path))),
      remove: mine.remove.filter(own),
    });
    if (!(this.path in this.files)) this.path = this.paths[0] ?? "";
    await this.save();
  };

  verify = () => this.#act(() => api.verify(this.id, this.now.content));
  publish = () => this.#act(() => api.publish(this.id, this.now.content));
  withdraw = () => this.#act(() => api.withdraw(this.id));

  /** Nobody looks at it any more. */
  leave(): void {
    clearTimeout(this.#asking);
    this.#left = true;
    void this.save();
  }

  #later(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.save(), SAVE_AFTER_MS);
  }

  async #act(act: () => Promise<api.AuthoredState>): Promise<boolean> {
    if (!(await this.save())) return false;
    this.problem = null;
    try {
      this.now = await act();
      if (this.now.verifying) this.#ask();
      return true;
    } catch (thrown) {
      this.problem = asApiError(thrown);
      return false;
    }
  }

  async #send(): Promise<boolean> {
    this.saving = true;
    const files = this.files;
    try {
      this.now = await api.change(this.id, { revision: this.now.revision, ...changes(this.#base, files) });
      this.#base = files;
      this.problem = null;
      this.kept += 1;
      return true;
    } catch (thrown) {
      const error = asApiError(thrown);
      if (error.code === "revision_conflict") return await this.#merge();
      this.problem = error;
      return false;
    } finally {
      this.saving = false;
    }
  }

  /** Somebody else saved: what goes together is put together; what does not is asked about. */
  async #merge(): Promise<boolean> {
    try {
      const theirs = await api.open(this.id);
      const paths = clashes(this.#base, this.files, theirs.files);
      if (paths.length > 0) {
        this.clash = { paths, theirs };
        return false;
      }
      const mine = changes(this.#base, this.files);
      this.#take(theirs);
      this.files = apply(theirs.files, mine);
      return isEmpty(mine) || (await this.#send());
    } catch (thrown) {
      this.problem = asApiError(thrown);
      return false;
    }
  }

  #take(theirs: api.Authored): void {
    this.now = theirs;
    this.#base = theirs.files;
  }

  #ask(): void {
    clearTimeout(this.#asking);
    this.#asking = setTimeout(() => void this.#look(), ASK_EVERY_MS);
  }

  async #look(): Promise<void> {
    if (this.#left) return;
    try {
      const state = await api.state(this.id);
      // What was saved meanwhile knows better which revision there is.
      if (state.revision >= this.now.revision) this.now = state;
    } catch (thrown) {
      const error = asApiError(thrown);
      if (!error.unreachable && error.status !== 503 && error.status !== 429) {
        this.problem = error;
        return;
      }
    }
    if (this.now.verifying) this.#ask();
  }
}
