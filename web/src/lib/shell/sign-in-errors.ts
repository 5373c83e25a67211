/** The server sends the browser back to `/signin?error=CODE`; these are the words for the codes. */
const CANCELLED = "GitHub sign-in was cancelled. Nothing was changed.";
const EXPIRED = "This sign-in took too long or was begun in another window. Try again.";
const SILENT = "GitHub does not answer right now. Try again in a moment, or continue as a guest.";

const WORDS: Record<string, string> = {
  // GitHub's own word, when it sends the browser to the page.
  access_denied: CANCELLED,
  github_denied: CANCELLED,
  invalid_state: EXPIRED,
  sign_in_expired: EXPIRED,
  github_slow: SILENT,
  github_nonsense: SILENT,
  github_unreachable: SILENT,
};

export function signInErrorWords(code: string): string {
  return WORDS[code] ?? "Signing in with GitHub did not work. Try again, or continue as a guest.";
}
