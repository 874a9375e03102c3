import { setTimeout as delay } from 'node:timers/promises';

export interface Patience {
  timeoutMs: number;
  everyMs?: number;
}

/** Looks again and again until there is something to see. @throws when the time is up, naming what was waited for */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined> | T | undefined,
  { timeoutMs, everyMs = 25 }: Patience,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMs / 1_000} s for ${what}, in vain`);
    await delay(everyMs);
  }
}
