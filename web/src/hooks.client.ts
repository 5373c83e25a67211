import type { HandleClientError } from "@sveltejs/kit";

/** A wrong address is no fault of the page, so it is not reported as one. */
export const handleError: HandleClientError = ({ error, status }) => {
  // eslint-disable-next-line no-console
  if (status !== 404) console.error(error);
  return { message: status === 404 ? "Not found" : "Something in the page went wrong" };
};

// A newer version of the page has replaced the files that this one knows: begin with the new one. At most once a minute, so that a
// file which is really missing does not reload for ever; and only when the server answers, since a page that is reloaded without a
// network is gone, with all that is open in it.
window.addEventListener("vite:preloadError", () => {
  const last = Number(sessionStorage.getItem("codementor.reloaded") ?? 0);
  if (Date.now() - last < 60_000) return;
  void fetch(location.pathname, { method: "HEAD", cache: "no-store" }).then(
    () => {
      sessionStorage.setItem("codementor.reloaded", String(Date.now()));
      location.reload();
    },
    () => undefined,
  );
});
