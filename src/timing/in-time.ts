import { whenWaited } from './when-waited';

/** What was asked was not answered within its time. It may still be answered, or done, later. */
export class TimeIsUp extends Error {
  override readonly name = 'TimeIsUp';

  constructor(timeoutMs: number) {
    super(`No answer within ${timeoutMs} ms`);
  }
}

/** Waits for an answer, but not for ever. @throws TimeIsUp */
export async function inTime<T>(timeoutMs: number, answer: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const answered = whenWaited(timeoutMs, () => {
    reject(new TimeIsUp(timeoutMs));
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    answered();
  }
}
