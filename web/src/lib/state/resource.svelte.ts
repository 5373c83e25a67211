import { asApiError, type ApiError } from "$lib/api/error";

/** Data of a view on its way: loading, there, or failed. What was there stays visible while it is fetched anew. */
export class Resource<T> {
  data = $state.raw<T | null>(null);
  error = $state.raw<ApiError | null>(null);
  loading = $state(true);
  /** Counts the calls of `reload`; `resource` depends on it. */
  version = $state(0);

  reload = (): void => {
    this.version += 1;
  };

  follow(promise: Promise<T>, signal: AbortSignal): void {
    this.loading = true;
    promise.then(
      (data) => {
        if (!signal.aborted) this.settle(data, null);
      },
      (thrown: unknown) => {
        if (!signal.aborted) this.settle(this.data, asApiError(thrown));
      },
    );
  }

  private settle(data: T | null, error: ApiError | null): void {
    this.data = data;
    this.error = error;
    this.loading = false;
  }
}

/**
 * A resource that is fetched again whenever a value that `load` reads before its first `await` changes. With `keep` off the old
 * data goes at once: for another subject, not a newer state of the same one. `load` may answer nothing to say "not yet".
 */
export function resource<T>(
  load: (signal: AbortSignal) => Promise<T> | undefined,
  options: { keep?: boolean } = {},
): Resource<T> {
  const result = new Resource<T>();
  let seen = 0;
  $effect(() => {
    const isReload = result.version !== seen;
    seen = result.version;
    const controller = new AbortController();
    if (options.keep === false && !isReload) result.data = null;
    const promise = load(controller.signal);
    if (promise) result.follow(promise, controller.signal);
    return () => {
      controller.abort();
    };
  });
  return result;
}
