/** Controls at the bottom edge that messages must not cover: where one writes, the bar of a phone, the player's time line. */
import type { Attachment } from "svelte/attachments";

/** Messages stay in the lower half, whatever else is there. */
const MOST = 0.5;

class Clear {
  /** Pixels from the bottom of the window up to the highest of these controls. */
  height = $state(0);
  readonly #elements = new Set<Element>();

  keep(element: Element): () => void {
    const observer = new ResizeObserver(this.look);
    this.#elements.add(element);
    observer.observe(element);
    addEventListener("resize", this.look);
    return () => {
      observer.disconnect();
      removeEventListener("resize", this.look);
      this.#elements.delete(element);
      this.look();
    };
  }

  look = (): void => {
    const heights = Array.from(this.#elements, (element) => {
      const { top, height } = element.getBoundingClientRect();
      return height > 0 ? innerHeight - top : 0;
    });
    this.height = Math.min(Math.max(0, ...heights), innerHeight * MOST);
  };
}

export const clear = new Clear();

/** Keeps messages off an element. */
export const keptClear: Attachment = (element) => clear.keep(element);
