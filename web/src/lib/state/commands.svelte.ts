/** What the command palette can do right now: views add their commands while they are shown. */

export interface Command {
  id: string;
  title: string;
  /** Heading under which it is listed. */
  group: string;
  /** Keys that do the same, as `mod+enter`. */
  keys?: string;
  /** More words by which it is found. */
  words?: string;
  run: () => void;
}

class Commands {
  #sources = $state.raw<(() => Command[])[]>([]);
  paletteOpen = $state(false);

  get all(): Command[] {
    return this.#sources.flatMap((source) => source());
  }

  /** Adds commands; the answer takes them away again. */
  add(source: () => Command[]): () => void {
    this.#sources = [...this.#sources, source];
    return () => {
      this.#sources = this.#sources.filter((other) => other !== source);
    };
  }
}

export const commands = new Commands();
