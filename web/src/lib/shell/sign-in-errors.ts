/** The server sends the browser back to `/signin?error=CODE`; these are the words for the codes. */
const WORDS: Record<string, string> = {
  access_denied: "GitHub sign-in was cancelled. Nothing was changed.",
  invalid_state: "This sign-in took too long or was begun in another window. Try again.",
  github_unavailable: "GitHub does not answer right now. Try again in a moment, or continue as a guest.",
};

export function signInErrorWords(code: string): string {
  return WORDS[code] ?? "Signing in with GitHub did not work. Try again, or continue as a guest.";
}
