/** Measures with their units. Memory comes in KiB, durations in milliseconds. */

export function duration(ms: number): string {
  return ms < 10_000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

export function memory(kib: number): string {
  const mib = kib / 1024;
  return mib >= 100 ? `${Math.round(mib)} MiB` : `${mib.toFixed(1)} MiB`;
}

/** A limit, without the decimals that a round figure does not need. */
export function limit(kib: number): string {
  return kib % 1024 === 0 ? `${kib / 1024} MiB` : memory(kib);
}
