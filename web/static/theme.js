// Runs before the first paint so that the page never flashes in the wrong theme. The one other place that knows this key is
// src/lib/state/preferences.svelte.ts.
(function () {
  try {
    var theme = JSON.parse(localStorage.getItem("codementor.preferences") || "{}").theme;
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  } catch {
    // Storage may be forbidden; the system's theme then applies.
  }
})();
