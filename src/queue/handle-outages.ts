import type { Logger } from '../logging/logger';
import { inTime } from '../timing/in-time';

const CLOSE_TIMEOUT_MS = 500;

/** A queue, or a producer, of BullMQ. */
interface Connected {
  on(event: 'error', listener: (error: Error) => void): unknown;
  close(): Promise<void>;
  disconnect(): Promise<void>;
}

/**
 * BullMQ prints errors that nobody listens to, where the outage itself is reported by the process's own connection. And
 * Nest closes what it made, which says goodbye to Redis: that may be away, or hang.
 */
export function handleOutages(connected: Connected, name: string, logger: Logger): void {
  connected.on('error', (error) => {
    logger.debug({ err: error, queue: name }, 'Queue lost Redis, trying again');
  });
  const close = connected.close.bind(connected);
  connected.close = () =>
    inTime(CLOSE_TIMEOUT_MS, close()).catch((error: unknown) => {
      logger.debug({ err: error, queue: name }, 'Queue was dropped');
      connected.disconnect().catch(() => undefined);
    });
}
