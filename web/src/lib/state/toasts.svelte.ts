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

  show(text: string, options: Partial<Pick<Toast, "tone" | "action">> = {}): void {
    const toast: Toast = { id: this.#next++, text, tone: options.tone ?? "plain", action: options.action };
    const others = this.list.filter((other) => other.text !== text);
    this.list = [...others, toast].slice(-MOST);
    // Something to act on stays twice as long.
    setTimeout(
      () => {
        this.dismiss(toast.id);
      },
      toast.action ? SHOWN_MS * 2 : SHOWN_MS,
    );
  }

  dismiss(id: number): void {
    this.list = this.list.filter((toast) => toast.id !== id);
  }
}

export const toasts = new Toasts();
