import type { Worker } from 'bullmq';
import { inTime, TimeIsUp } from '../timing/in-time';

/**
 * Takes no more jobs and waits for those under way, for a while: what is not done then is redelivered. Without Redis
 * a worker would wait for ever.
 */
export async function stopWorker(worker: Worker, timeoutMs: number): Promise<void> {
  const closed = worker.close();
  try {
    await inTime(timeoutMs, closed);
  } catch (error) {
    if (!(error instanceof TimeIsUp)) throw error;
    letGo(worker, closed);
  }
}

/** Nest closes each worker once more at the end of a stop, and would begin to wait again. */
function letGo(worker: Worker, closed: Promise<void>): void {
  closed.catch(() => undefined);
  // Not disconnect(): it waits for the end of one connection before it begins with the other.
  worker
    .getBackend()
    .close(true)
    .catch(() => undefined);
  worker.close = () => Promise.resolve();
}
