/** Ends a read on both sides when it takes too long: a frozen server would not end it, a slow one go on with it. */
export const readLimits = (timeoutMs: number): { maxTimeMS: number; signal: AbortSignal } => ({
  maxTimeMS: timeoutMs,
  signal: AbortSignal.timeout(timeoutMs),
});
