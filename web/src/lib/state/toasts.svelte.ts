/** Short messages at the edge. At most three; the oldest gives way. */

export interface Toast {
  id: number;
  text: string;
  tone: "plain" | "problem";
  action?: { label: string; run: () => void };
}

const MOST = 3;
const SHOWN_MS = 6000;

class Toasts {
  list = $state.raw<Toast[]>([]);
  #next = 1;
  #held = false;
  readonly #timers = new Map<number, ReturnType<typeof setTimeout>>();

  show(text: string, options: Partial<Pick<Toast, "tone" | "action">> = {}): void {
    const toast: Toast = { id: this.#next++, text, tone: options.tone ?? "plain", action: options.action };
    const others = this.list.filter((other) => other.text !== text);
    this.list = [...others, toast].slice(-MOST);
    if (!this.#held) this.#start(toast);
  }

  dismiss(id: number): void {
    this.#stop(id);
    this.list = this.list.filter((toast) => toast.id !== id);
  }

  /** None goes while somebody is at them. Afterwards each has its whole time again. */
  hold(): void {
    this.#held = true;
    for (const id of Array.from(this.#timers.keys())) this.#stop(id);
  }

  release(): void {
    if (!this.#held) return;
    this.#held = false;
    for (const toast of this.list) this.#start(toast);
  }

  #start({ id, action }: Toast): void {
    const gone = () => {
      this.dismiss(id);
    };
    // Something to act on stays twice as long.
    this.#timers.set(id, setTimeout(gone, action ? SHOWN_MS * 2 : SHOWN_MS));
  }

  #stop(id: number): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
  }
}

export const toasts = new Toasts();
