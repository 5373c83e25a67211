/** Moves the focus along the rows of a list by arrows or j and k; `/` goes to the search. */
import { isTyping } from "$lib/state/keys";

const STEPS: Record<string, number> = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 };

export function handleRowKeys(
  event: KeyboardEvent,
  list: HTMLElement | undefined,
  search: HTMLInputElement | undefined,
): void {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (event.key === "/" && !isTyping(event.target)) {
    event.preventDefault();
    search?.focus();
    search?.select();
    return;
  }
  const step = STEPS[event.key];
  const fromSearch = event.target === search && event.key === "ArrowDown";
  if (!step || (isTyping(event.target) && !fromSearch)) return;
  const links = Array.from(list?.querySelectorAll<HTMLElement>("a.title") ?? []);
  const at = links.findIndex((link) => link === document.activeElement);
  // Plain arrows scroll the page until a row has the focus; j and k always go to the rows.
  if (at === -1 && event.key.startsWith("Arrow") && !fromSearch) return;
  event.preventDefault();
  if (at === 0 && step < 0) search?.focus();
  else links[Math.min(links.length - 1, at + step)]?.focus();
}
