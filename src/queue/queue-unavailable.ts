import { inTime, TimeIsUp } from '../timing/in-time';
import { outageOf } from './redis-outage';

/** Redis did not take, or did not answer, a command: the caller may try again. Mapped to 503 in src/http. */
export class QueueUnavailable extends Error {
  override readonly name = 'QueueUnavailable';

  constructor(
    cause: unknown,
    /** False when the command was certainly not done; true when it was sent and its answer was lost. */
    readonly mayHaveHappened = false,
  ) {
    super('The queue can not be reached', { cause });
  }
}

/** Whether what failed may be done all the same: it was sent, and the answer is late or was lost. */
export const mayBeDone = (error: unknown): boolean =>
  error instanceof QueueUnavailable && error.mayHaveHappened;

/**
 * Runs commands against Redis for a waiting caller.
 * @throws QueueUnavailable when Redis is away or takes no commands; any other error as it is
 */
export async function orUnavailable<T>(commands: Promise<T>): Promise<T> {
  try {
    return await commands;
  } catch (error) {
    const outage = outageOf(error);
    if (outage === undefined) throw error;
    throw new QueueUnavailable(error, outage === 'ambiguous');
  }
}

/**
 * Asks Redis something for a waiting caller before anything is written.
 * @throws QueueUnavailable when the answer does not come in time: certainly nothing has happened
 */
export async function answerInTime<T>(timeoutMs: number, answer: Promise<T>): Promise<T> {
  try {
    return await inTime(timeoutMs, answer);
  } catch (error) {
    if (error instanceof TimeIsUp || outageOf(error) !== undefined) throw new QueueUnavailable(error);
    throw error;
  }
}
