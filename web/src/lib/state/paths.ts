/** Addresses within this site. */

/** `next` as a path of this site, or `/` for anything that could lead elsewhere. */
export function safeNext(next: string | null): string {
  if (!next?.startsWith("/") || next.startsWith("//") || next.includes("\\")) return "/";
  // Browsers drop tabs and line breaks inside an address: "/\t/evil" would become "//evil".
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u001f\u007f]/.test(next)) return "/";
  const url = new URL(next, "https://here.invalid");
  return url.origin === "https://here.invalid" ? url.pathname + url.search + url.hash : "/";
}

export function signInPath(next: string): string {
  return next === "/" ? "/signin" : `/signin?next=${encodeURIComponent(next)}`;
}

export const absolute = (address: string): string => new URL(address, location.origin).href;
