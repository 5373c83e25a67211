/**
 * Stands in for the package `entities` in the built page: the browser knows the names of all characters already, and the table is
 * as large as the rest of the Markdown parser. Tests, which have no browser, use the package.
 */
let area: HTMLTextAreaElement | null = null;

/** Decodes one entity such as `&copy;`. A textarea holds text only, so nothing in it can come alive. */
export function decodeHTMLStrict(entity: string): string {
  area ??= document.createElement("textarea");
  area.innerHTML = entity;
  return area.value;
}
