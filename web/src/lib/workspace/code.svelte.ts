/** What is being written, in which language, and whether it is safely kept. */
import type { ChallengeDetail } from "$lib/api/types";
import type { DraftStore, Saved } from "./drafts";

/** Milliseconds of quiet after which a change is written. */
const QUIET_MS = 200;

export type SaveState = "pristine" | "saving" | Saved;

/** What code is written for: a challenge, or any place with languages. */
export type CodePlace = Pick<ChallengeDetail, "id" | "languages" | "starter_code">;

export class CodeState {
  language = $state("");
  code = $state("");
  save = $state<SaveState>("pristine");
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(
    readonly challenge: CodePlace,
    private readonly drafts: DraftStore,
    preferred: string,
  ) {
    const offered = this.languages.includes(preferred) ? preferred : (this.languages[0] ?? preferred);
    // Unfinished work counts more than the habit: whoever comes back finds what they typed last.
    this.open(drafts.newest(challenge.id, this.languages)?.language ?? offered);
  }

  get languages(): string[] {
    return this.challenge.languages;
  }

  get starter(): string {
    return this.challenge.starter_code[this.language] ?? "";
  }

  get isStarter(): boolean {
    return this.code === this.starter;
  }

  /** Goes to another language; what is there stays as its own draft. */
  open(language: string): void {
    this.flush();
    this.language = language;
    const draft = this.drafts.read(this.challenge.id, language);
    this.code = draft?.code ?? this.starter;
    this.save = draft ? "saved" : "pristine";
  }

  type(code: string): void {
    if (code === this.code) return;
    this.code = code;
    this.save = "saving";
    this.#cancel();
    this.#timer = setTimeout(this.flush, QUIET_MS);
  }

  /** Writes now what is not written yet: before leaving, hiding or handing in. */
  flush = (): void => {
    if (this.save !== "saving") return;
    this.#cancel();
    if (this.isStarter) {
      this.drafts.remove(this.challenge.id, this.language);
      this.save = "pristine";
    } else this.save = this.drafts.write(this.challenge.id, this.language, this.code);
  };

  #cancel(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
