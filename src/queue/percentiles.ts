export interface Percentiles {
  p50: number | null;
  p95: number | null;
  p99: number | null;
  /** How many values they are taken from. */
  jobs: number;
}

/** Nearest rank: each percentile is a value that was really measured. */
export function percentiles(values: readonly number[]): Percentiles {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (percent: number): number | null =>
    sorted[Math.ceil((percent / 100) * sorted.length) - 1] ?? null;
  return { p50: at(50), p95: at(95), p99: at(99), jobs: sorted.length };
}
