import { setTimeout } from 'node:timers/promises';

/** Waits for an answer, but not for ever. @throws when time is up */
export async function inTime<T>(timeoutMs: number, answer: Promise<T>): Promise<T> {
  const answered = new AbortController();
  const late = setTimeout(timeoutMs, undefined, { signal: answered.signal }).then(() => {
    throw new Error(`No answer within ${timeoutMs} ms`);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    answered.abort();
    late.catch(() => undefined);
  }
}
