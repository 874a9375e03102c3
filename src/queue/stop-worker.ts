import type { Worker } from 'bullmq';
import { inTime, TimeIsUp } from '../timing/in-time';

/** For a last word to the queue, and for closing the connection to it. */
const LAST_WORD_MS = 500;

/**
 * Takes no more jobs and waits for those under way, for a while; then hands back what is not done. Without Redis a worker
 * would wait for ever: it is left alone then, and its jobs are found without a worker.
 * @param handBack gives jobs back to the queue
 */
export async function stopWorker(
  worker: Worker,
  timeoutMs: number,
  handBack: () => Promise<void>,
): Promise<void> {
  if (!(await isDone(timeoutMs, worker.pause()))) await isDone(LAST_WORD_MS, handBack());
  if (!(await isDone(LAST_WORD_MS, worker.close(true)))) letGo(worker);
}

async function isDone(timeoutMs: number, work: Promise<void>): Promise<boolean> {
  try {
    await inTime(timeoutMs, work);
    return true;
  } catch (error) {
    // Cut off from the queue, or late: either way it goes on with the next step, and nobody is left to be told.
    if (error instanceof TimeIsUp) work.catch(() => undefined);
    return false;
  }
}

/** Nest closes each worker once more at the end of a stop, and would begin to wait again. */
function letGo(worker: Worker): void {
  worker.disconnect().catch(() => undefined);
  worker.close = () => Promise.resolve();
}
