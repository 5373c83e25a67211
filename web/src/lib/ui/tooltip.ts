/**
 * Names what an icon does and which keys do the same. One element for the whole page, moved to whatever is pointed at or focused.
 * It repeats an accessible name and `aria-keyshortcuts`, so assistive technology need not hear it.
 */
import type { Attachment } from "svelte/attachments";
import { keyNames } from "$lib/state/keys";

const WAIT_MS = 350;

let bubble: HTMLElement | null = null;
let timer = 0;

export function tooltip(text: () => string | undefined, keys?: string): Attachment<HTMLElement> {
  return (element) => {
    const later = () => {
      window.clearTimeout(timer);
      timer = window.setTimeout(() => {
        show(element, text(), keys);
      }, WAIT_MS);
    };
    const focused = () => {
      if (element.matches(":focus-visible")) show(element, text(), keys);
    };
    const pointed = (event: PointerEvent) => {
      if (event.pointerType === "mouse") later();
    };
    element.addEventListener("pointerenter", pointed);
    element.addEventListener("focus", focused);
    for (const end of ["pointerleave", "pointerdown", "blur", "click"]) element.addEventListener(end, hide);
    return () => {
      hide();
      element.removeEventListener("pointerenter", pointed);
      element.removeEventListener("focus", focused);
      for (const end of ["pointerleave", "pointerdown", "blur", "click"]) {
        element.removeEventListener(end, hide);
      }
    };
  };
}

function show(target: HTMLElement, text: string | undefined, keys: string | undefined): void {
  if (!text && !keys) return;
  const element = (bubble ??= createBubble());
  element.replaceChildren(...(text ? [text] : []), ...(keys ? keyNames(keys).map(keyElement) : []));
  if (!element.isConnected) document.body.append(element);
  element.showPopover();
  place(element, target.getBoundingClientRect());
}

function place(element: HTMLElement, at: DOMRect): void {
  const { width, height } = element.getBoundingClientRect();
  const below = at.bottom + height + 12 < window.innerHeight;
  const left = Math.min(Math.max(8, at.left + at.width / 2 - width / 2), window.innerWidth - width - 8);
  element.style.left = `${Math.round(left)}px`;
  element.style.top = `${Math.round(below ? at.bottom + 6 : at.top - height - 6)}px`;
}

function hide(): void {
  window.clearTimeout(timer);
  if (bubble?.isConnected && bubble.matches(":popover-open")) bubble.hidePopover();
}

function createBubble(): HTMLElement {
  const element = document.createElement("div");
  element.className = "tooltip";
  element.popover = "manual";
  element.ariaHidden = "true";
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") hide();
  });
  window.addEventListener("scroll", hide, { capture: true, passive: true });
  return element;
}

function keyElement(name: string): HTMLElement {
  const key = document.createElement("kbd");
  key.textContent = name;
  return key;
}
