/**
 * After a navigation the focus goes to the heading of the new view, which may come only with its data. Whoever moves the focus in the
 * meantime keeps it.
 */
let expected = false;

const heading = () => document.querySelector<HTMLElement>("h1[tabindex]");

/** A view was opened: its heading takes the focus, now or when it appears. */
export function expectHeading(): void {
  const element = heading();
  expected = !element;
  element?.focus({ preventScroll: true });
}

/** A heading has appeared. */
export function headingAppeared(element: HTMLElement): void {
  if (!expected) return;
  expected = false;
  if (document.activeElement === document.body) element.focus({ preventScroll: true });
}
