/** Redis did not take, or did not answer, a command: the caller may try again. Mapped to 503 in src/http. */
export class QueueUnavailable extends Error {
  override readonly name = 'QueueUnavailable';

  constructor(cause: unknown) {
    super('The queue can not be reached', { cause });
  }
}

/** Runs commands against Redis for a waiting caller. @throws QueueUnavailable when one of them fails. */
export async function orUnavailable<T>(commands: Promise<T>): Promise<T> {
  try {
    return await commands;
  } catch (error) {
    if (error instanceof TypeError || error instanceof ReferenceError) throw error;
    throw new QueueUnavailable(error);
  }
}
