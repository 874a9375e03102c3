import { QueueUnavailable } from './queue-unavailable';

/**
 * Whether what failed may have been done all the same: it was sent, and the answer is late or was lost. False when it
 * was refused before anything was sent: the cause is then no error of a command.
 */
export const mayBeDone = (error: unknown): boolean =>
  error instanceof QueueUnavailable && error.cause instanceof Error;
