import { createSubscriber } from "svelte/reactivity";

const subscribe = createSubscriber((update) => {
  window.addEventListener("online", update);
  window.addEventListener("offline", update);
  return () => {
    window.removeEventListener("online", update);
    window.removeEventListener("offline", update);
  };
});

/** Whether the browser believes that it has a network. */
export function isOnline(): boolean {
  subscribe();
  return navigator.onLine;
}
