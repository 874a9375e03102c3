const [S, MIN, HOUR] = [1_000, 60_000, 3_600_000];

/** How long a delivery waits after each failed try, in ms: ten tries within about three days. */
export const DEFAULT_RETRY_DELAYS: readonly number[] = [
  ...[5 * S, 5 * MIN, 30 * MIN, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR],
];

export const RETRY_DELAYS = Symbol('RETRY_DELAYS');

/** Of each delay, so much at most comes on top: deliveries that failed together don't come back together. */
const JITTER = 0.1;
/** Longest wait that a receiver can ask for. */
const MAX_RETRY_AFTER_MS = 24 * HOUR;

/**
 * @param tries that failed so far, 1 or more
 * @param askedMs what the receiver asked for with `Retry-After`
 */
export function retryDelayMs(delays: readonly number[], tries: number, askedMs = 0): number {
  const delay = delays[Math.min(tries, delays.length) - 1] ?? 0;
  return Math.round(Math.max(delay * (1 + JITTER * Math.random()), Math.min(askedMs, MAX_RETRY_AFTER_MS)));
}

/** @returns how long a `Retry-After` asks to wait, in ms; undefined for what is none */
export function retryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1000;
  const at = header.endsWith(' GMT') ? Date.parse(header) : NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}
