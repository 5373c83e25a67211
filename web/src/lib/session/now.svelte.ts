import { createSubscriber } from "svelte/reactivity";

const subscribe = createSubscriber((update) => {
  const timer = setInterval(update, 500);
  return () => {
    clearInterval(timer);
  };
});

/** The time in milliseconds since 1970; whatever reads it in an effect or a view is run again twice a second. */
export function now(): number {
  subscribe();
  return Date.now();
}
